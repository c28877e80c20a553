"""A mask to its trimap, alpha and foreground colours."""
