"""SAM's mask decoder, trained so that one click means the whole thing."""
