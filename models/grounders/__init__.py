"""Text to things: what a phrase means, and what in a picture fits it."""
