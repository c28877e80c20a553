"""Find what a phrase names: reading English phrases, detecting objects, and ranking them."""
