"""What every door shares: sessions of visitors, their edits, jobs. No screen, no Gradio."""
