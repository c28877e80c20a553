"""What was found, as JSON-ready data: the same words at every door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pickmatte.models.geometry.rectangle import bounding_box

if TYPE_CHECKING:
    from pickmatte.interactive.subject import Subject
    from pickmatte.models.protocols import Detection


def describe_subject(subject: Subject) -> dict[str, Any]:
    """A subject: name, box in pixels, candidates, which is chosen, and what its phrase found."""
    found = [*map(describe_detection, subject.detections)]
    return {
        "name": subject.name,
        "box": _box(bounding_box(subject.mask)),
        "chosen": subject.chosen,
        "candidates": [
            {"score": round(float(one.score), 4), "box": _box(one.box)}
            for one in subject.candidates
        ],
        **({"detections": found} if found else {}),
    }


def describe_detection(hit: Detection) -> dict[str, Any]:
    """A detection: label, score, box in pixels, whether the phrase means it, and why."""
    return {
        "label": hit.label,
        "score": round(float(hit.score), 4),
        "box": [round(float(side), 1) for side in hit.box],
        "meant": hit.requested,
        "reading": hit.alternative,
        "why": hit.why,
    }


def _box(box: tuple[int, int, int, int] | None) -> list[int] | None:
    """A box as JSON has it; None where nothing is left to draw one around."""
    return None if box is None else [*box]
