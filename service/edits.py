"""What a person at the page can do to the subjects, by name: each is one step of undo.

Every edit is told the session, the active subject (None where the next one is to be a new one)
and what the browser said, and returns the subject that is active from then on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from pickmatte import Session, Subject
from pickmatte.interactive.edits.prompts import Click, check_inside
from pickmatte.models.errors import PromptError
from pickmatte.models.geometry.fitting import fit_long_side

Said: TypeAlias = Mapping[str, Any]
Edit: TypeAlias = Callable[[Session, Subject | None, Said], Subject | None]

NOTHING_TO_DROP = "There is nothing to drop here: keep something first, then say what is too much."
_MOST_POINTS = 20_000  # of one line; a browser sends some hundreds
_LONGEST_NAME = 80
_LOOK = 512  # long side of the masks that are asked whose a point is


def click(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """A click says more about the active subject, or makes a new one, or picks another.

    Again at the same spot it takes the next candidate. On another subject it only makes that one
    active: nothing is taken from it unless the browser says which subject is meant (`to`). A drop
    while none is active is from the subject that is there.
    """
    x, y, keep = float(said["x"]), float(said["y"]), bool(said["keep"])
    if said.get("to") is not None:
        subject = named(session, {"key": said["to"]})
        subject.click(x, y, keep)
        return subject
    if active is None and not keep:
        found = under(session, x, y)
        if found is None:
            raise PromptError(NOTHING_TO_DROP)
        found.click(x, y, keep)
        return found
    if active is None:
        subject = session.subject()
        subject.click(x, y, keep)
        return subject
    if keep and _is_again(active, x, y, float(said.get("near", 0))):
        active.choose((active.chosen + 1) % len(active.candidates))
        return active
    if keep:
        other = under(session, x, y)
        if other is not None and other.key != active.key:
            return other
    active.click(x, y, keep)
    return active


def under(session: Session, x: float, y: float) -> Subject | None:
    """The subject under a point, quickly, from coarse masks; the active one is not preferred."""
    check_inside(Click(x, y), session.size)
    height, width = session.size
    size = fit_long_side(session.size, _LOOK)
    row, column = int(y / height * size[0]), int(x / width * size[1])
    for subject in session.order:
        if subject.coarse_mask(size)[row, column]:
            return subject
    return None


def _is_again(subject: Subject, x: float, y: float, near: float) -> bool:
    last = subject.prompts[-1:]
    if not (last and isinstance(last[0], Click) and last[0].keep and len(subject.candidates) > 1):
        return False
    return math.hypot(last[0].x - x, last[0].y - y) <= near


def box(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """A box around the active subject, or around a new one."""
    subject = active or session.subject()
    subject.box(*said["box"])
    return subject


def choose(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """Another candidate; with `step`, so many further on."""
    subject = _needed(active)
    count = len(subject.candidates)
    if "step" not in said:
        subject.choose(int(said["index"]))
    elif count > 1:
        subject.choose((subject.chosen + int(said["step"])) % count)
    return subject


def take(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """A new subject for each of the things that were found and are wanted."""
    text = str(said["text"])
    hits = session.find(text).hits
    wanted = [int(index) for index in said["hits"]]
    if not wanted or not all(0 <= index < len(hits) for index in wanted):
        raise PromptError("Say which of the found things you want.")
    made = active
    for count, index in enumerate(wanted, 1):
        label = hits[index].label
        same = sum(hits[other].label == label for other in wanted) > 1
        made = session.subject(f"{label} {count}" if same else label)
        made.say(text, take=index)
    return made


def auto(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """A subject of each thing that stands out; the largest is worked on."""
    return session.auto()[0]


def switch(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """Another thing of those that the active subject's phrase found."""
    subject = _needed(active)
    subject.take(int(said["index"]))
    return subject


def brush(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """Paint into the active subject's trimap."""
    subject = _needed(active)
    subject.brush(_points(said), float(said["radius"]), said["makes"])
    return subject


def lasso(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """Paint all that an outline encloses into the active subject's trimap."""
    subject = _needed(active)
    subject.lasso(_points(said), said["makes"])
    return subject


def band(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """How wide the active subject's unknown band is."""
    subject = _needed(active)
    subject.set_band(float(said["scale"]))
    return subject


def material(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """Whether one sees through the active subject."""
    subject = _needed(active)
    subject.set_material("glass" if said["glass"] else "solid")
    return subject


def rename(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """Another name for a subject."""
    named(session, said).rename(str(said["name"])[:_LONGEST_NAME])
    return active


def keep(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """Whether a subject is in the cut-out."""
    named(session, said).keep(bool(said["kept"]))
    return active


def lock(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """Whether a subject refuses edits."""
    named(session, said).lock(bool(said["locked"]))
    return active


def order(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """All subjects from front to back."""
    session.reorder([named(session, {"key": key}) for key in said["keys"]])
    return active


def merge(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """One subject of several."""
    return session.merge([named(session, {"key": key}) for key in said["keys"]])


def remove(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """Take subjects out. What is clicked next is new: no other subject was chosen for it."""
    keys = {int(key) for key in said["keys"]}
    for key in keys:
        named(session, {"key": key}).remove()
    return None if active is not None and active.key in keys else active


def clear(session: Session, active: Subject | None, said: Said) -> Subject | None:
    """Take out all subjects but the locked ones."""
    for subject in session.subjects:
        if not subject.locked:
            subject.remove()
    return None


def named(session: Session, said: Said) -> Subject:
    """The subject that the browser means by its key."""
    for subject in session.subjects:
        if subject.key == int(said["key"]):
            return subject
    raise PromptError("This subject is not there any more; it was removed or undone.")


def _needed(active: Subject | None) -> Subject:
    if active is None:
        raise PromptError("Pick a subject first, or click on one in the photo.")
    return active


def _points(said: Said) -> list[tuple[float, float]]:
    if len(said["points"]) > _MOST_POINTS:
        raise PromptError("This line is too long; draw it in parts.")
    return [(float(x), float(y)) for x, y in said["points"]]


EDITS: dict[str, Edit] = {
    edit.__name__: edit
    for edit in (
        click,
        box,
        choose,
        take,
        auto,
        switch,
        brush,
        lasso,
        band,
        material,
        rename,
        keep,
        lock,
        order,
        merge,
        remove,
        clear,
    )
}
