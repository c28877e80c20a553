"""Which of the objects that were found a phrase means."""
