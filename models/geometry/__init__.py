"""Rectangles, boxes and masks as arrays: the arithmetic that every room shares."""
