"""One picture being worked on: from prompts to a cut-out."""

from models.errors import PickmatteError

from .images import Picture, open_picture
from .prompts import Box, Click, Prompt, Stroke
from .session import Session
from .subject import Subject

__all__ = [
    "Box",
    "Click",
    "PickmatteError",
    "Picture",
    "Prompt",
    "Session",
    "Stroke",
    "Subject",
    "open_picture",
]
