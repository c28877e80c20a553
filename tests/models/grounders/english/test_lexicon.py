"""The lexicon file, plurals, spelling."""

from __future__ import annotations

import pytest

from pickmatte.models.grounders.english.lexicon import lexicon, one_letter_off, read
from pickmatte.models.grounders.english.phrases import mend
from pickmatte.models.grounders.english.plurals import plural

COCO = """
person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant,
stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe,
backpack, umbrella, handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite,
baseball bat, baseball glove, skateboard, surfboard, tennis racket, bottle, wine glass, cup, fork,
knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut, cake,
chair, couch, potted plant, bed, dining table, toilet, tv, laptop, mouse, remote, keyboard,
cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear,
hair drier, toothbrush
"""


def coco() -> set[str]:
    return {name.strip() for name in COCO.split(",")}


def test_every_class_of_coco_can_be_named_by_its_own_name() -> None:
    assert len(coco()) == 80
    for name in coco():
        noun = lexicon().noun(name)
        assert noun is not None, name
        assert name in lexicon().things[noun[0]].classes, name


def test_the_lexicon_names_no_class_that_coco_has_not() -> None:
    named = {name for meaning in lexicon().things.values() for name in meaning.classes}
    assert named == coco()


def test_the_plain_name_of_a_class_is_no_narrower_than_the_class() -> None:
    for name in coco():
        meaning = lexicon().things[name]
        assert meaning.finer == (), name


@pytest.mark.parametrize(
    ("word", "singular", "plural"),
    [
        ("puppies", "puppy", True),
        ("knives", "knife", True),
        ("women", "woman", True),
        ("people", "person", True),
        ("boxes", "box", True),
        ("wine glasses", "wine glass", True),
        ("bus", "bus", False),
        ("buses", "bus", True),
        ("scissors", "scissors", False),
        ("sheep", "sheep", False),
        ("dress", "dress", False),
    ],
)
def test_plurals(word: str, singular: str, plural: bool) -> None:
    assert lexicon().noun(word) == (singular, plural)


@pytest.mark.parametrize(
    ("word", "requested"),
    [
        ("umbrela", "umbrella"),
        ("umbrellla", "umbrella"),
        ("hosre", "horse"),
        ("girafe", "giraffe"),
        ("laptpo", "laptop"),
        ("frog", None),  # short words have too many neighbours
        ("loat", None),
        ("xylograph", None),
    ],
)
def test_one_letter(word: str, requested: str | None) -> None:
    assert one_letter_off(word, lexicon().everything) == requested


def test_a_word_on_two_lines_means_either() -> None:
    text = "[things]\nbus: coach\nperson + man: coach\n"
    text += "".join(
        f"[{name}]\n" for name in ("wear", "colours", "hair", "doings", "plain", "beyond")
    )
    assert read(text).things["coach"].classes == ("bus", "person")


def test_every_noun_is_known_by_its_plural() -> None:
    """The plural of each gives that noun again, or another with the same meaning."""
    words = lexicon()
    for group in (words.things, words.wear, words.beyond):
        for noun in group:
            found = words.noun(plural(noun))
            if " of " in noun:
                continue  # "kings of beasts"
            assert found is not None, plural(noun)
            alike = found[0] == noun or words.things.get(found[0]) == words.things.get(noun)
            assert alike or found[0] == plural(noun) or noun == plural(noun), (noun, found)


@pytest.mark.parametrize(
    ("noun", "many"),
    [
        ("wolf", "wolves"),
        ("table knife", "table knives"),
        ("fireman", "firemen"),
        ("human", "humans"),
        ("businessperson", "businesspeople"),
        ("potato", "potatoes"),
        ("buffalo", "buffaloes"),
        ("goose", "geese"),
        ("mongoose", "mongooses"),
        ("computer mouse", "computer mice"),
        ("sheep", "sheep"),
        ("skis", "skis"),
        ("shorts", "shorts"),
        ("bus", "buses"),
        ("lens", "lenses"),
        ("wine glass", "wine glasses"),
        ("puppy", "puppies"),
        ("monkey", "monkeys"),
        ("pair of scissors", "pairs of scissors"),
    ],
)
def test_more_than_one(noun: str, many: str) -> None:
    assert plural(noun) == many


def test_the_list_of_real_words_holds_only_what_would_be_mended() -> None:
    real = lexicon().real
    assert "whiskers" in real
    assert [word for word in sorted(real)[::10] if mend(word) is None] == []
