"""Salient-object networks, one file per family."""
