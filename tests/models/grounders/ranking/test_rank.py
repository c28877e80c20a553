"""Which thing a phrase means, in scenes drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pickmatte.models.grounders.english.phrases import parse
from pickmatte.models.grounders.ranking.detected_objects import DetectedObject
from pickmatte.models.grounders.ranking.rank import rank
from pickmatte.models.protocols import Findings

RED, BLUE, GREEN, YELLOW = (200, 30, 40), (40, 70, 190), (40, 140, 60), (240, 215, 50)
WHITE, BLACK, BROWN, SKIN = (235, 235, 232), (22, 22, 24), (110, 70, 40), (215, 165, 135)
Box = tuple[int, int, int, int]


class Scene:
    """A grey picture of 400×300 pixels, and things painted into it."""

    def __init__(self) -> None:
        self.rgb = np.full((300, 400, 3), 128, np.uint8)
        self.things: list[DetectedObject] = []

    def add(self, label: str, box: Box, *bands: tuple[int, int, int], score: float = 0.8) -> Scene:
        """A thing of bands of colour from top to bottom, its mask the whole box."""
        x0, y0, x1, y1 = box
        for at, colour in enumerate(bands):
            top, bottom = (round(y0 + (y1 - y0) * k / len(bands)) for k in (at, at + 1))
            self.rgb[top:bottom, x0:x1] = colour
        mask = np.zeros((300, 400), bool)
        mask[y0:y1, x0:x1] = True
        self.things.append(DetectedObject(box, label, score, mask))
        return self

    def ask(self, phrase: str) -> Findings:
        return rank(parse(phrase), self.rgb, self.things)

    def requested(self, phrase: str) -> list[int]:
        """The numbers of the things meant, in the order they were added."""
        boxes = [thing.box for thing in self.things]
        return sorted(boxes.index(hit.box) for hit in self.ask(phrase).hits if hit.requested)


def row(label: str, *colours: tuple[int, int, int], scores: Sequence[float] = ()) -> Scene:
    scene = Scene()
    for at, colour in enumerate(colours):
        score = scores[at] if scores else 0.8
        scene.add(label, (20 + 90 * at, 100, 80 + 90 * at, 160), colour, score=score)
    return scene


def people(*shirts: tuple[int, int, int]) -> Scene:
    scene = Scene()
    for at, shirt in enumerate(shirts):
        x = 20 + 90 * at
        scene.add("person", (x, 60, x + 50, 260), SKIN, shirt, shirt, BLUE, BLUE)
    return scene


@pytest.mark.parametrize(
    ("phrase", "requested"),
    [
        ("the red cup", [1]),
        ("the cup on the left", [0]),
        ("the cup on the far right", [3]),
        ("the second cup from the left", [1]),
        ("the cup second from the right", [2]),
        ("the white cup", [0]),
        ("cups", [0, 1, 2, 3]),
        ("the two cups on the right", [2, 3]),
        ("the cups on the left", [0, 1]),
        ("all cups except the red one", [0, 2, 3]),
        ("the red or blue cups", [1, 2]),
    ],
)
def test_in_a_row_of_cups(phrase: str, requested: list[int]) -> None:
    assert row("cup", WHITE, RED, BLUE, GREEN).requested(phrase) == requested


def test_the_middle_of_three() -> None:
    assert row("dog", BROWN, BROWN, BROWN).requested("the dog in the middle") == [1]


def test_a_phantom_hardly_counts_in_an_order() -> None:
    scene = row("dog", BROWN, BROWN, BROWN, scores=(0.1, 0.9, 0.9))
    assert scene.requested("the dog on the left") == [1]


def test_sizes_and_depth() -> None:
    scene = Scene()
    scene.add("elephant", (10, 100, 210, 280), BROWN).add("elephant", (230, 90, 300, 150), BROWN)
    scene.add("elephant", (320, 90, 350, 115), BROWN)
    assert scene.requested("the largest elephant") == [0]
    assert scene.requested("the smallest elephant") == [2]
    assert scene.requested("the second largest elephant") == [1]
    assert scene.requested("the elephant in front") == [0]
    assert scene.requested("the baby elephant") == [2]


def test_who_covers_whom_tells_front_from_back() -> None:
    scene = Scene()
    scene.add("dog", (50, 100, 200, 240), BROWN).add("dog", (150, 100, 300, 240), BLACK)
    first, second = scene.things
    assert first.mask is not None
    assert second.mask is not None
    first.mask[:, 150:200] = False  # the second one covers it
    assert scene.requested("the dog in front") == [1]
    assert scene.requested("the dog at the back") == [0]


def test_a_corner_needs_both_sides() -> None:
    scene = Scene()
    for x, y in ((10, 10), (300, 10), (10, 220), (300, 220), (150, 120)):
        scene.add("bird", (x, y, x + 50, y + 50), BROWN)
    assert scene.requested("the bird at the top left") == [0]
    assert scene.requested("the bird in the bottom right corner") == [3]
    assert scene.requested("the bird in the middle") == [4]


def test_clothes_are_looked_for_where_they_are_worn() -> None:
    scene = people(RED, WHITE, BLACK)
    scene.add("person", (300, 60, 350, 260), SKIN, WHITE, WHITE, RED, RED)
    assert scene.requested("the woman in the red coat") == [0]
    assert scene.requested("the person in the red skirt") == [3]
    assert scene.requested("the man in the black shirt") == [2]
    assert scene.requested("the people in white shirts") == [1, 3]


def test_what_is_not_as_described_is_refused_and_said() -> None:
    found = row("cat", WHITE).ask("the black cat")
    assert found.hits == ()
    assert "1 cat" in found.note
    assert "not black" in found.note
    assert "white" in found.note
    assert row("umbrella", RED, BLUE).ask("the yellow umbrella").hits == ()
    assert people(BLACK, WHITE).ask("the woman in the red dress").hits == ()


def test_what_is_not_there_is_refused_and_what_is_there_said() -> None:
    found = row("cat", WHITE, BLACK).ask("the dog")
    assert found.hits == ()
    assert found.note == "No dog found in the picture, but 2 cats."


def test_a_detail_that_may_be_hidden_is_no_reason_to_refuse() -> None:
    assert people(BLACK).ask("the woman with the yellow gloves").hits
    assert people(BLACK).ask("the blonde woman in green shoes").hits


def test_who_is_young_is_told_by_size_or_not_at_all() -> None:
    scene = people(RED, RED)
    assert "none is clearly smaller" in scene.ask("the child").hits[0].why
    scene.add("person", (300, 170, 325, 260), SKIN, RED, BLUE)
    assert scene.requested("the child") == [2]


def test_shading_and_a_warm_light_do_not_make_a_colour_absent() -> None:
    scene = row("horse", WHITE)
    shade = np.linspace(0.55, 1, 400)[None, :, None] * np.array([1.0, 0.93, 0.8])
    scene.rgb = (scene.rgb * shade).astype(np.uint8)
    assert scene.requested("the white horse") == [0]


def test_one_wrong_cue_is_made_good_by_another() -> None:
    """The box on the left is redder, but the one with the umbrella is red enough."""
    scene = people(RED, RED)
    scene.rgb[100:110, 110:160] = WHITE
    scene.add("umbrella", (100, 20, 170, 120), YELLOW)
    assert scene.requested("the woman in the red coat with the umbrella") == [1]


@pytest.mark.parametrize(
    ("phrase", "requested"),
    [
        ("the man riding the horse", [0]),
        ("the person next to the horse", [1]),
        ("the person on the bench", [2]),
        ("the horse of the man", [3]),
    ],
)
def test_relations(phrase: str, requested: list[int]) -> None:
    scene = Scene()
    scene.add("person", (60, 60, 100, 170), SKIN, BLACK, BLACK)
    scene.add("person", (150, 100, 190, 250), SKIN, RED, BLACK)
    scene.add("person", (300, 120, 350, 250), SKIN, BLUE, BLUE)
    scene.add("horse", (20, 120, 140, 260), BROWN).add("bench", (270, 190, 390, 270), BROWN)
    assert scene.requested(phrase) == requested


def test_a_relation_is_to_the_other_thing_as_described() -> None:
    scene = people(BLACK, BLACK)
    scene.add("umbrella", (15, 20, 80, 110), RED).add("umbrella", (105, 20, 170, 110), BLUE)
    assert scene.requested("the person with the blue umbrella") == [1]
    assert scene.requested("the person with the red umbrella") == [0]


def test_a_relation_that_cannot_be_checked_is_said() -> None:
    found = people(RED).ask("the man on the horse")
    assert [hit.requested for hit in found.hits] == [True]
    assert "no horse found" in found.hits[0].why


def test_everything_but() -> None:
    scene = row("cup", RED, BLUE).add("dog", (250, 150, 350, 250), BROWN)
    assert scene.requested("everything but the dog") == [0, 1]
    assert scene.requested("everything but the cups") == [2]
    assert scene.requested("not the left cup") == [1, 2]


def test_the_detection_says_why_and_how_sure() -> None:
    scene = people(RED, WHITE, BLACK)
    best, *others = scene.ask("the woman in the red coat on the left").hits
    assert best.requested
    assert not any(other.requested for other in others)
    assert "leftmost" in best.why
    assert "coat" in best.why
    assert 1 >= best.score > 0.8
    assert all(best.score > other.score >= 0 for other in others)


def test_others_that_fit_as_well_are_noted() -> None:
    scene = people(RED, BLACK)
    assert "1 more fits almost as well." in scene.ask("the person").note
    assert "more" not in scene.ask("the woman in the red coat").note


def test_too_few_and_unchecked_words_are_noted() -> None:
    found = row("dog", BROWN).ask("the two stripy dogs")
    assert sum(hit.requested for hit in found.hits) == 1
    assert '"stripy"' in found.note
    assert "Only 1 dog found, not 2." in found.note


def test_things_without_masks_and_at_the_edge() -> None:
    rgb = np.full((40, 60, 3), 128, np.uint8)
    rgb[:, 50:] = RED
    things = [
        DetectedObject((-3, 0, 8, 40), "cup", 0.7),
        DetectedObject((50, 0, 64, 41), "cup", 0.7),
    ]
    found = rank(parse("the red cup"), rgb, things)
    assert found.hits[0].box == things[1].box


def test_a_label_of_an_open_vocabulary_detector_is_the_noun_it_was_asked_for() -> None:
    scene = row("garden gnome", RED, BLUE)
    assert scene.requested("the blue garden gnome") == [1]


BOXES = st.tuples(*[st.floats(-50, 450) for _ in range(4)])
KINDS = st.sampled_from(["person", "dog", "umbrella", "bench"])


@given(
    st.lists(st.tuples(BOXES, KINDS, st.floats(0, 1)), max_size=6),
    st.sampled_from(
        [
            "the woman in the red coat holding the umbrella on the left",
            "the second smallest dog behind the bench",
            "everyone but the child in front",
            "everything except the two dogs at the top right",
            "the dog's umbrella, not the blue one",
        ]
    ),
)
def test_any_boxes_give_chances(found: list[tuple[Box, str, float]], phrase: str) -> None:
    things = [DetectedObject(box, label, score) for box, label, score in found]
    answer = rank(parse(phrase), Scene().rgb, things)
    chances = [hit.score for hit in answer.hits]
    assert chances == sorted(chances, reverse=True)
    assert all(0 <= chance <= 1 for chance in chances)
    assert answer.hits or answer.note
    assert [hit.requested for hit in answer.hits] == sorted(
        (h.requested for h in answer.hits), reverse=True
    )


def test_the_grid_of_a_mask_is_its_own() -> None:
    """A coarse mask tells which pixels of the box are the thing's."""
    scene = row("cat", WHITE)
    scene.rgb[100:160, 20:50] = BLACK
    (cat,) = scene.things
    mask = np.zeros((30, 40), bool)
    mask[10:16, 2:5] = True
    things = [DetectedObject(cat.box, "cat", 0.8, mask)]
    assert rank(parse("the black cat"), scene.rgb, things).hits
    assert not rank(parse("the white cat"), scene.rgb, things).hits


def test_clothes_that_were_seen_tip_the_balance() -> None:
    scene = people(WHITE, WHITE)
    first, second = scene.things
    scene.things = [first, replace(second, dress=0.8, wears={"uniform": 0.9})]
    assert scene.requested("the woman") == [1]
    assert scene.requested("the man") == [0]
    uniform = scene.ask("the person in uniform")
    assert uniform.hits[0].box == second.box
    assert "uniform seen, 90% sure" in uniform.hits[0].why
    assert "uniform" not in uniform.note  # it was checked
    assert '"uniform"' in people(WHITE, WHITE).ask("the person in uniform").note


UNTOLD = "Women and men cannot be told apart here; pick the one you mean."


@pytest.mark.parametrize(
    "phrase",
    ["the woman on the left", "the man", "the waiter", "the tallest girl", "the second man",
     "the woman with the yellow gloves"],
)  # fmt: skip
def test_where_the_sex_cannot_be_told_nothing_is_meant_and_that_is_said_once(phrase: str) -> None:
    found = people(BLACK, BLACK, BLACK).ask(phrase)
    assert len(found.hits) == 3
    assert not any(hit.requested for hit in found.hits)
    assert " ".join([found.note, *(hit.why for hit in found.hits)]).count("cannot be told") == 1
    assert UNTOLD in found.note
    assert found.taken == (0,)  # whoever cannot be asked


def test_the_best_guess_comes_first_all_the_same() -> None:
    scene = people(BLACK, BLACK, BLACK)
    first = scene.ask("the woman on the right").hits[0]
    assert first.box == scene.things[2].box
    assert scene.ask("the two women on the left").taken == (0, 1)
    assert "pick those you mean" in scene.ask("the two women on the left").note


def test_one_person_alone_is_taken_for_the_one_meant_and_that_is_said() -> None:
    found = people(BLACK).ask("the woman")
    assert [hit.requested for hit in found.hits] == [True]
    assert found.note == (
        "Women and men cannot be told apart here; this is the only person that can be meant."
    )


def test_the_rest_of_the_phrase_can_leave_nobody_else() -> None:
    scene = people(RED, BLACK, WHITE)
    assert scene.requested("the woman in the red coat") == [0]
    assert "only person that can be meant" in scene.ask("the woman in the red coat").note
    assert scene.requested("the women in red coats") == [0]
    assert people(RED, RED, WHITE).requested("the women in red coats") == []  # one may be a man
    assert people(RED, RED, WHITE).requested("the two women in red coats") == [0, 1]


def test_clothes_can_tell_or_gainsay() -> None:
    scene = people(WHITE, WHITE, WHITE)
    first, second, third = scene.things
    scene.things = [replace(first, dress=-0.8), replace(second, dress=0.8), third]
    found = scene.ask("the woman")
    assert [hit.box for hit in found.hits if hit.requested] == [second.box]
    assert "apart" not in found.note
    scene.things = [replace(first, dress=-0.8), second]
    assert scene.requested("the woman") == [1]  # nobody else is left
    assert "only person that can be meant" in scene.ask("the woman").note
    scene.things = [replace(first, dress=-0.8), replace(second, dress=-0.9)]
    assert scene.requested("the woman") == []


def test_what_hangs_on_another_persons_sex_is_not_told_either() -> None:
    scene = people(BLACK, BLACK)
    scene.add("umbrella", (15, 20, 80, 110), RED).add("umbrella", (105, 20, 170, 110), BLUE)
    found = scene.ask("the woman's umbrella")
    assert not any(hit.requested for hit in found.hits)
    assert UNTOLD in found.note
    assert scene.requested("the blue umbrella the woman holds") == [3]
    first, second, *umbrellas = scene.things
    scene.things = [first, replace(second, dress=0.8), *umbrellas]
    assert scene.requested("the woman's umbrella") == [3]
    assert scene.ask("the woman's umbrella").note == ""


def test_who_is_left_out_by_sex_must_be_told_too() -> None:
    scene = people(BLACK, BLACK)
    found = scene.ask("everyone but the man")
    assert [hit.requested for hit in found.hits] == [False, False]
    assert found.note == "Women and men cannot be told apart here; pick those you mean."
    assert people(BLACK).ask("everyone but the man").hits == ()
    scene.things = [replace(scene.things[0], dress=-0.8), scene.things[1]]
    assert scene.requested("everyone but the man") == [1]
    assert scene.requested("the woman, not the man") == [1]


def test_a_detector_that_knows_women_needs_no_clothes() -> None:
    scene = row("woman", BLACK, BLACK)
    assert scene.requested("the woman on the left") == [0]
    assert scene.ask("the woman on the left").note == ""
