"""The networks that find or name objects."""
