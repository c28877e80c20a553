"""Which of several masks a person means: a score that was learned from photos with true masks."""

from .features import NAMES, features
from .score import chance_right

__all__ = ["NAMES", "chance_right", "features"]
