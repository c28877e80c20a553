"""What can go wrong through a user's input: one sentence each, saying what to do next.

Doors (page, command line, scripts) catch `PickmatteError` and show its text. Anything else that
is raised is a defect of ours and is left to surface with its traceback.
"""


class PickmatteError(Exception):
    """Base of every error a user can cause; its text is a sentence fit to be shown."""


class PictureError(PickmatteError):
    """A file is no picture, is damaged, or is larger than the pixel limit."""


class PromptError(PickmatteError):
    """A prompt lies outside the picture, has no area, or picks a candidate that is not there."""


class PhraseError(PickmatteError):
    """A phrase says nothing, cannot be understood, or names a thing that is not known."""


class NothingFound(PickmatteError):  # noqa: N818
    """What a phrase names is not in the picture, or not as the phrase describes it."""


class MaskError(PickmatteError):
    """A mask has the wrong shape, or is empty where a subject is needed."""


class TrimapError(PickmatteError):
    """A trimap has the wrong shape or values, or holds no foreground or no background."""


class ExportError(PickmatteError):
    """A result cannot be written: unknown format, missing folder, no permission, disk full."""


class JobError(PickmatteError):
    """What was asked for contradicts itself or lacks something; wrong usage at the command line."""


class UnknownModel(PickmatteError):  # noqa: N818 - reads as what it is
    """No model of that name and role is in the catalogue."""


class WeightsError(PickmatteError):
    """A model's file could not be had from any source, or its contents have the wrong hash."""


class MissingExtra(PickmatteError):  # noqa: N818
    """A model needs packages that are not installed."""


class DeviceError(PickmatteError):
    """A device was asked for that does not exist, is not here, or that a model cannot use."""


class ForkError(PickmatteError):
    """Work was asked of a process that was forked from one which had worked already."""


class Cancelled(PickmatteError):  # noqa: N818
    """The caller asked for the work to stop."""
