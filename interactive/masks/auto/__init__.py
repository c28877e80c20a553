"""Subjects without a prompt: where something stands out, the prompts a person would have given.

A salient-object network's map says what stands out (`standing_out`). For each part of it the
segmenter is asked as a person would ask it (`asking`), for things apart within it too
(`splitting`). Its mask is taken where it agrees with the map; elsewhere the map itself is the
subject, so that all subjects together are never less than the map (`evident`).
"""
