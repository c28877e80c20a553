"""Prompts to candidates to the mask of each subject."""
