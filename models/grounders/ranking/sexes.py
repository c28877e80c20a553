"""Decide whether the woman or man that a phrase asks for can be told from the other people.

The starter set's networks know persons only. Clothes are a hint (`attire`), and often the rest of
the phrase leaves nobody else. Where neither helps, nothing is taken for what the phrase means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pickmatte.models.grounders.english.description import Description

if TYPE_CHECKING:
    from .cues import Cue

# Log-odds that clothes give, from which they tell. Of people in photos for fitting all 65 with that
# much were what their clothes said; of 18 who had half as much for a man, 7 were men.
CLEAR = 0.8
_APART = 1.0  # log-odds below the best's: three times in four the rest of the phrase decides right


def in_question(cues: Sequence[Sequence[Cue]]) -> bool:
    """Return whether the cues of some objects depend on telling women from men."""
    return any(cue.about in ("sex", "untold") for own in cues for cue in own)


def hint(cues: Sequence[Cue]) -> float:
    """Return the log-odds that a person is of the sex asked for, by clothes."""
    return sum(cue.odds for cue in cues if cue.about == "sex")


def are_told(cues: Sequence[Sequence[Cue]]) -> bool:
    """Return whether one of some people is clearly of the sex asked for, or only one can be.

    `cues` are those of each object. An object that the detector names "woman" itself has no cue
    about sex, and is told.
    """
    hints = [hint(own) for own in cues if any(cue.about == "sex" for cue in own)]
    return any(odds >= CLEAR for odds in hints) or sum(odds > -CLEAR for odds in hints) <= 1


def by_clothes(requested: Sequence[Sequence[Cue]]) -> bool:
    """Return whether all objects that are meant are clearly of the sex asked for.

    `requested` are the cues of each. The answer is no where the phrase hangs on another person's
    sex too.
    """
    others = any(cue.about == "untold" for own in requested for cue in own)
    return not others and all(hint(own) >= CLEAR for own in requested)


def by_the_rest(
    description: Description, requested: Sequence[Sequence[Cue]], others: Sequence[Sequence[Cue]]
) -> bool:
    """Return whether nothing else could as well be meant, whatever the sex.

    `requested` and `others` are the cues of each of the objects that are meant and that are not.
    """
    several = (
        description.count is None and len(requested) > 1
    )  # men may be among "the women in red"
    if several or any(hint(own) <= -CLEAR for own in requested):
        return False
    least = min(_rest(own) for own in requested) - _APART
    return all(_rest(own) < least or hint(own) <= -CLEAR for own in others)


def _rest(cues: Sequence[Cue]) -> float:
    """Return the log-odds of all that is said except sex and place.

    A place says nothing here, as it counts among women only, or among men only.
    """
    return sum(cue.odds for cue in cues if cue.about == "said")
