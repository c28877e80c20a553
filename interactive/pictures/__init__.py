"""Files in: decoding, orientation, colour profiles, depth, metadata."""
