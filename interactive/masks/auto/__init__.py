"""Subjects without a prompt: where something stands out, the prompts a person would have given.

A salient-object network's map says what stands out (`standing_out`). Each part of it is a mask that
the segmenter sharpens (`sharpening`), as one subject or several (`splitting`). Where the segmenter
makes something else of it, the map itself is the subject, so that all subjects together are never
less than the map (`evident`).
"""
