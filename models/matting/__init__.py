"""Matting models, one file per family."""
