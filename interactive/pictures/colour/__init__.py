"""What a file's colours mean: ICC profiles, and PNG's own chunks for it."""
