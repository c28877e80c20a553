"""Score how well two boxes fit a relation: who rides what, who holds what, what is on what."""

from __future__ import annotations

import math

from pickmatte.models.grounders.english.description import RelationKind

from .detected_objects import DetectedObject
from .orders import covering


def fit(
    kind: RelationKind, thing: DetectedObject, other: DetectedObject, size: tuple[int, int]
) -> float:
    """Return how well two objects fit the relation that the first is `kind` the second, 0..1.

    `size` is the picture's height and width.
    """
    match kind:
        case "holding" | "with" | "acting on":
            return _held(thing, other)
        case "carrying it":
            return max(_held(other, thing), _ridden(other, thing))
        case "wearing":
            return _inside(other, thing)
        case "riding":
            return _ridden(thing, other)
        case "sitting on" | "on":
            return max(_rests(thing, other), 0.8 * _ridden(thing, other))
        case "in":
            return max(_inside(thing, other), 0.7 * _near(thing, other))
        case "under":
            return max(_rests(other, thing), _above(other, thing))
        case "above":
            return max(_above(thing, other), _rests(thing, other))
        case "behind":
            return _near(thing, other) * _in_front(other, thing, size)
        case "in front of":
            return _near(thing, other) * _in_front(thing, other, size)
        case "next to":
            apart = 1 - max(_inside(other, thing), _inside(thing, other))
            return _near(thing, other) * (0.4 + 0.6 * apart)
        case "left of":
            return _soft((other.centre[0] - thing.centre[0]) / _reach(thing, other))
        case "right of":
            return _soft((thing.centre[0] - other.centre[0]) / _reach(thing, other))


def _soft(value: float) -> float:
    """Return a logistic value: 0 well below zero, 1 well above, half at zero."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, 6 * value))))


def _common(a: DetectedObject, b: DetectedObject) -> tuple[float, float]:
    """Return the width and height of the overlap of two boxes; negative is a gap."""
    return (
        min(a.box[2], b.box[2]) - max(a.box[0], b.box[0]),
        min(a.box[3], b.box[3]) - max(a.box[1], b.box[1]),
    )


def _reach(a: DetectedObject, b: DetectedObject) -> float:
    """Return a length that both objects' sizes set."""
    return math.sqrt(math.sqrt(a.area * b.area))


def _near(a: DetectedObject, b: DetectedObject) -> float:
    """Return 1 for objects that touch, falling off with the gap between them."""
    wide, tall = _common(a, b)
    gap = math.hypot(max(0.0, -wide), max(0.0, -tall))
    return math.exp(-2 * gap / _reach(a, b))


def _inside(a: DetectedObject, b: DetectedObject) -> float:
    """Return the share of the first box that lies in the second."""
    wide, tall = _common(a, b)
    return max(0.0, wide) * max(0.0, tall) / a.area


def _held(holder: DetectedObject, held: DetectedObject) -> float:
    """Score how well an object is within arm's reach of its holder and overlaps it."""
    arm = 0.25 * max(holder.wide, holder.tall)
    x0, y0, x1, y1 = holder.box
    grown = DetectedObject(
        (x0 - arm, y0 - arm, x1 + arm, y1 + 0.3 * arm), holder.label, holder.score
    )
    return 0.35 * _near(holder, held) + 0.4 * _inside(held, grown) + 0.25 * _inside(held, holder)


def _ridden(rider: DetectedObject, mount: DetectedObject) -> float:
    """Score how well the rider is above the mount with its lower end in it."""
    wide, tall = _common(rider, mount)
    aligned = max(0.0, wide) / min(rider.wide, mount.wide)
    higher = _soft((mount.centre[1] - rider.centre[1]) / max(rider.tall, mount.tall) * 4)
    meeting = _soft((tall + 0.1 * rider.tall) / mount.tall * 2)
    return aligned * higher * meeting


def _rests(upper: DetectedObject, lower: DetectedObject) -> float:
    """Score how well the upper object stands on the lower one, seen from the front or above."""
    wide, _ = _common(upper, lower)
    aligned = max(0.0, wide) / min(upper.wide, lower.wide)
    foot = (upper.box[3] - lower.box[1]) / lower.tall  # 0 at the lower one's top, 1 at its foot
    slack = 0.15 * max(1.0, upper.tall / lower.tall)
    standing = _soft((foot + slack) * 2) * _soft((1 + slack - foot) * 2)
    return aligned * standing


def _above(upper: DetectedObject, lower: DetectedObject) -> float:
    wide, _ = _common(upper, lower)
    aligned = max(0.0, wide) / min(upper.wide, lower.wide)
    return aligned * _soft((lower.centre[1] - upper.box[3]) / lower.tall * 2) * _near(upper, lower)


def _in_front(a: DetectedObject, b: DetectedObject, size: tuple[int, int]) -> float:
    """Score how much nearer the first is: its foot is lower, or it covers the other."""
    return _soft((a.box[3] - b.box[3]) / max(a.tall, b.tall) + 0.5 * covering(a, b, size))
