"""Promptable segmenters, one file per family."""
