"""What a phrase found, as candidates for a subject."""
