from __future__ import annotations

import numpy as np

from pickmatte.bench.made import MadePhrase, Marked, phrases_of

SIZE = (400, 600)
NOUNS = ("cat", "dog", "cup", "bench")


def thing(value: int, noun: str, x: float, side: float) -> Marked:
    return Marked(value, noun, (x - side / 2, 100, x + side / 2, 100 + side), side * side)


def made(*things: Marked) -> dict[str, MadePhrase]:
    return {one.text: one for one in phrases_of(things, SIZE, NOUNS, np.random.default_rng(0))}


def test_a_lone_thing_is_named_by_its_kind() -> None:
    found = made(thing(3, "cat", 300, 100))
    assert found["the cat"] == MadePhrase("the cat", "class", (3,))
    assert found["the second cat from the left"].values == ()
    absent = [one.text for one in found.values() if one.kind == "absent"]
    assert len(absent) == 2
    assert "the cat" not in absent


def test_several_are_told_by_place_size_and_number() -> None:
    found = made(thing(1, "dog", 500, 60), thing(2, "dog", 100, 120), thing(3, "dog", 300, 90))
    assert found["the dog in the middle"].values == (3,)
    assert found["the largest dog"].values == (2,)
    assert found["the smallest dog"].values == (1,)
    assert found["the three dogs"].values == (1, 2, 3)
    assert found["all the dogs"].values == (1, 2, 3)
    (left,) = (one for one in found.values() if one.kind == "side" and "left" in one.text)
    assert left.values == (2,)
    for text, one in found.items():
        if text in ("the second dog from the left", "the second dog from the right"):
            assert one.values == (3,)


def test_what_the_marks_leave_in_doubt_is_not_said() -> None:
    near = made(thing(1, "dog", 300, 80), thing(2, "dog", 340, 80))
    assert not any(one.kind in ("side", "order", "size") for one in near.values())
    many = made(*(thing(value, "cup", 60 * value, 55) for value in range(1, 9)))
    assert all(one.kind == "absent" for one in many.values())
    small = made(thing(1, "dog", 300, 20), thing(2, "cat", 100, 150))
    assert not any("dog" in one.text.split() and one.kind == "class" for one in small.values())


def test_relations_follow_from_places() -> None:
    found = made(thing(1, "dog", 100, 80), thing(2, "dog", 500, 80), thing(3, "bench", 300, 100))
    assert found["the dog to the left of the bench"].values == (1,)
    assert found["the dog to the right of the bench"].values == (2,)
    lone = made(thing(1, "dog", 100, 80), thing(3, "bench", 300, 100))
    assert lone["the dog to the right of the bench"] == MadePhrase(
        "the dog to the right of the bench", "absent description", ()
    )
