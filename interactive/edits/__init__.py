"""What the user did to a picture, as small immutable values."""
