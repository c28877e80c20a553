"""Measurements, one command each, side by side with the plain way in the same run."""
