"""Relations between two boxes."""

from __future__ import annotations

import pytest

from pickmatte.models.grounders.english.description import RelationKind
from pickmatte.models.grounders.ranking.detected_objects import DetectedObject
from pickmatte.models.grounders.ranking.relations import fit

PICTURE = (300, 400)
Box = tuple[int, int, int, int]


def of(kind: RelationKind, thing: Box, other: Box) -> float:
    return fit(kind, DetectedObject(thing, "a", 0.9), DetectedObject(other, "b", 0.9), PICTURE)


@pytest.mark.parametrize(
    ("kind", "yes", "no", "other"),
    [
        ("riding", (60, 40, 110, 150), (150, 40, 200, 250), (20, 100, 140, 250)),
        ("on", (80, 90, 110, 130), (80, 230, 110, 280), (20, 120, 200, 200)),
        ("sitting on", (50, 60, 120, 190), (220, 60, 290, 190), (20, 120, 200, 200)),
        ("under", (80, 190, 140, 240), (80, 60, 140, 110), (20, 120, 200, 200)),
        ("above", (80, 20, 140, 60), (80, 200, 140, 240), (20, 80, 200, 180)),
        ("in", (60, 130, 100, 170), (250, 130, 290, 170), (20, 120, 200, 200)),
        ("holding", (20, 40, 90, 260), (250, 40, 320, 260), (80, 100, 100, 150)),
        ("wearing", (20, 40, 90, 260), (95, 40, 165, 260), (45, 90, 60, 150)),
        ("next to", (100, 60, 160, 200), (300, 60, 360, 200), (20, 80, 90, 200)),
        ("left of", (10, 60, 60, 200), (250, 60, 300, 200), (120, 80, 190, 200)),
        ("right of", (250, 60, 300, 200), (10, 60, 60, 200), (120, 80, 190, 200)),
        ("in front of", (80, 120, 160, 280), (80, 40, 160, 140), (60, 80, 180, 200)),
        ("behind", (80, 40, 160, 140), (80, 120, 160, 280), (60, 80, 180, 200)),
    ],
)
def test_a_relation_fits_one_pair_better(kind: RelationKind, yes: Box, no: Box, other: Box) -> None:
    assert of(kind, yes, other) > 0.5
    assert of(kind, yes, other) > of(kind, no, other) + 0.25


def test_who_owns_a_thing_is_who_has_it_at_hand() -> None:
    bike, rider, walker = (20, 120, 140, 220), (60, 50, 100, 180), (250, 50, 290, 220)
    assert of("carrying it", bike, rider) > of("carrying it", bike, walker) + 0.3
