"""What phrases are taken to say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pickmatte.models.errors import PhraseError
from pickmatte.models.grounders.english.description import Description, Place, Worn
from pickmatte.models.grounders.english.lexicon import lexicon
from pickmatte.models.grounders.english.phrases import known, parse


def said(text: str) -> dict[str, object]:
    """The fields of a description that say something, without the text."""
    found = parse(text)
    fields = {name: getattr(found, name) for name in found.__dataclass_fields__}
    plain = {"count": 1, "text": found.text, "finer": found.finer, "said": found.said}
    return {name: v for name, v in fields.items() if v not in ((), "") and plain.get(name) != v}


def relations(text: str) -> list[tuple[str, str]]:
    return [(relation.kind, relation.other.noun) for relation in parse(text).relations]


PERSON = {"classes": ("person",)}
WOMAN = {"noun": "woman", "sex": "woman", **PERSON}
MAN = {"noun": "man", "sex": "man", **PERSON}
DOG = {"noun": "dog", "classes": ("dog",)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the dog", DOG),
        ("A DOG!", DOG),
        ("please cut out the dog", DOG),
        ("the remote control", {"noun": "remote control", "classes": ("remote",)}),
        ("the hot-dog", {"noun": "hotdog", "classes": ("hot dog",)}),
        ("the orange", {"noun": "orange", "classes": ("orange",)}),
        ("the orange boat", {"noun": "boat", "classes": ("boat",), "colours": ("orange",)}),
        ("the cat that is black", {"noun": "cat", "classes": ("cat",), "colours": ("black",)}),
        ("the black and white dog", {**DOG, "colours": ("black", "white")}),
        ("the dark blue car", {"noun": "car", "classes": ("car",), "colours": ("dark blue",)}),
        ("a puppy", {"noun": "puppy", "classes": ("dog",), "age": "baby"}),
        ("the baby elephant", {"noun": "elephant", "classes": ("elephant",), "age": "baby"}),
        ("the bloke", {"noun": "bloke", "sex": "man", **PERSON}),
        ("a slice of pizza", {"noun": "pizza", "classes": ("pizza",)}),
        ("a cup of tea", {"noun": "cup", "classes": ("cup",), "unchecked": ("of tea",)}),
        ("the teapot", {"noun": "teapot"}),
        ("the striped old dog", {**DOG, "age": "grown", "unchecked": ("striped", "old")}),
    ],
)
def test_the_noun_and_what_is_before_it(text: str, expected: dict[str, object]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "worn"),
    [
        ("the woman in the red coat", [Worn("coat", "upper", ("red",))]),
        ("red coat woman", [Worn("coat", "upper", ("red",))]),
        ("woman in red", [Worn("clothes", "whole", ("red",))]),
        ("the woman dressed in black and white", [Worn("clothes", "whole", ("black", "white"))]),
        ("the woman wearing a helmet", [Worn("helmet", "head")]),
        ("the woman with grey hair", [Worn("hair", "hair", ("grey",))]),
        ("the woman whose hair is red", [Worn("hair", "hair", ("red",))]),
        ("the woman with a hat and glasses", [Worn("hat", "head"), Worn("glasses", "face")]),
        (
            "the woman wearing a white t-shirt and blue jeans",
            [Worn("t-shirt", "upper", ("white",)), Worn("jeans", "lower", ("blue",))],
        ),
    ],
)
def test_clothes(text: str, worn: list[Worn]) -> None:
    assert said(text) == {**WOMAN, "worn": tuple(worn)}


def test_clothes_belong_to_the_person_named_last() -> None:
    man = parse("the man next to the woman in the red dress on the left")
    assert man.worn == ()
    assert man.places == (Place("across", 1),)
    assert man.relations[0].other.worn == (Worn("dress", "whole", ("red",)),)


def test_the_colour_of_a_persons_skin_is_not_measured() -> None:
    assert said("the black woman") == {**WOMAN, "unchecked": ("black",)}


def test_a_blonde_is_a_person_by_the_hair() -> None:
    blonde = parse("the blonde in the blue shirt")
    assert blonde.classes == ("person",)
    assert [worn.zone for worn in blonde.worn] == ["hair", "upper"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("the dog on the left", [Place("across", 1)]),
        ("the left dog", [Place("across", 1)]),
        ("the dog on the far right", [Place("across", -1, strict=True)]),
        ("the leftmost dog", [Place("across", 1, strict=True)]),
        ("the dog in the middle", [Place("across", 0)]),
        ("the dog at the top left", [Place("down", 1), Place("across", 1)]),
        (
            "the dog in the bottom right corner of the picture",
            [Place("down", -1), Place("across", -1)],
        ),
        ("the second dog from the left", [Place("across", 2, strict=True)]),
        ("the dog third from the right", [Place("across", -3, strict=True)]),
        ("the second largest dog", [Place("size", 2, strict=True)]),
        ("the smaller of the two dogs", [Place("size", -1)]),
        ("the smallest dog", [Place("size", -1, strict=True)]),
        ("the big dog", [Place("size", 1)]),
        ("the dog in front", [Place("depth", 1)]),
        ("the dog in the background", [Place("depth", -1)]),
        ("the dog behind", [Place("depth", -1)]),
        ("the dog closest to the camera", [Place("depth", 1, strict=True)]),
        ("the dog furthest away", [Place("depth", -1, strict=True)]),
    ],
)
def test_places(text: str, places: list[Place]) -> None:
    assert said(text) == {**DOG, "places": tuple(places)}


def test_where_a_thing_looks_is_not_where_it_is() -> None:
    assert said("the dog facing left") == {**DOG, "unchecked": ("facing left",)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the man holding an umbrella and a bag", [("holding", "umbrella"), ("holding", "bag")]),
        ("the person who is riding the horse", [("riding", "horse")]),
        ("the man surfing", [("riding", "surfboard")]),
        ("the batter", [("holding", "baseball bat")]),
        ("the man on the bench", [("on", "bench")]),
        ("the woman sitting on the couch", [("sitting on", "couch")]),
        ("the kid sitting next to the dog", [("next to", "dog")]),
        ("the boy who kicks the ball", [("acting on", "ball")]),
        ("the person juggling oranges", [("acting on", "orange")]),
        ("the bowl the cat is eating from", [("acting on", "cat")]),
        ("the man's bike", [("carrying it", "man")]),
        ("the boys' ball", [("carrying it", "boy")]),
        ("the dog of the woman", [("carrying it", "woman")]),
        ("the man to the left of the dog", [("left of", "dog")]),
        ("the dog in front of the sofa", [("in front of", "sofa")]),
        ("the cat on top of the fridge", [("on", "fridge")]),
        ("the dog between the man and the cat", [("next to", "man"), ("next to", "cat")]),
        ("the person closest to the dog", [("next to", "dog")]),
        ("the cup behind the wine glasses", [("behind", "wine glass")]),
    ],
)
def test_relations(text: str, expected: list[tuple[str, str]]) -> None:
    assert relations(text) == expected


def test_the_other_thing_is_described_too() -> None:
    umbrella = parse("the lady with the blue umbrella").relations[0].other
    assert (umbrella.classes, umbrella.colours) == (("umbrella",), ("blue",))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("the dog", 1),
        ("dogs", None),
        ("the two dogs", 2),
        ("both dogs", 2),
        ("all of the cups", None),
        ("three of the zebras", 3),
        ("everyone", None),
        ("the couple on the bench", 2),
        ("a group of people", None),
        ("a pair of dogs", 2),
        ("the scissors", 1),
        ("the sheep", 1),
        ("everything", None),
    ],
)
def test_how_many(text: str, count: int | None) -> None:
    assert parse(text).count == count


@pytest.mark.parametrize(
    ("text", "noun", "without"),
    [
        ("everything but the car", "thing", ["car"]),
        ("not the man", "thing", ["man"]),
        ("all the people except the child", "person", ["child"]),
        ("the dog, not the cat", "dog", ["cat"]),
        ("everything except the people and the dogs", "thing", ["person", "dog"]),
    ],
)
def test_what_is_not_meant(text: str, noun: str, without: list[str]) -> None:
    found = parse(text)
    assert found.noun == noun
    assert [other.noun for other in found.without] == without


def test_what_is_not_meant_can_be_of_the_same_noun() -> None:
    (hatless,) = parse("the man without a hat").without
    assert (hatless.noun, hatless.worn) == ("man", (Worn("hat", "head"),))
    (left,) = parse("the dog not on the left").without
    assert (left.noun, left.places) == ("dog", (Place("across", 1),))


def test_a_letter_wrong_is_mended_and_said() -> None:
    found = parse("the umbrela in the midle")
    assert found.classes == ("umbrella",)
    assert found.places == (Place("across", 0),)
    assert found.notes == (
        '"umbrela" is taken for "umbrella"',
        '"midle" is taken for "middle"',
    )


@pytest.mark.parametrize(
    "text", ["", "  ", "the", "?!", "on the left", "red", "second from the left"]
)
def test_a_phrase_that_names_nothing(text: str) -> None:
    with pytest.raises(PhraseError):
        parse(text)


def test_two_things_are_two_phrases() -> None:
    with pytest.raises(PhraseError, match="one at a time"):
        parse("the man and the dog")


def test_an_unknown_noun_is_parsed_and_refused_only_when_asked() -> None:
    found = parse("the red garden gnome on the left")
    assert (found.noun, found.classes) == ("garden gnome", ())
    assert (found.colours, found.places) == (("red",), (Place("across", 1),))
    with pytest.raises(PhraseError, match='"garden gnome" is not a word I know'):
        known(found)


def test_the_nearest_words_are_offered() -> None:
    with pytest.raises(PhraseError, match="nearest: snowboard"):
        known(parse("the snobord"))


def test_a_common_word_without_a_network_for_it_is_refused_as_such() -> None:
    with pytest.raises(PhraseError, match='"tree" is none of the things'):
        known(parse("the tree behind the car"))


def test_an_unknown_thing_beside_is_no_reason_to_refuse() -> None:
    found = parse("the man on the rooftop")
    assert known(found) is found


def test_everything_involved_is_named_for_the_detector() -> None:
    found = parse("the woman holding the man's umbrella, not the child")
    assert [one.noun for one in found.involved()] == ["woman", "umbrella", "man", "child"]


GRAMMAR = ("the", "a", "on", "in", "of", "with", "and", "not", "but", "'s", "second", "left", ",")
VOCABULARY = sorted({*lexicon().everything, *GRAMMAR})


@given(st.lists(st.sampled_from(VOCABULARY), max_size=8))
def test_any_words_make_a_description_or_a_phrase_error(words: list[str]) -> None:
    try:
        found = parse(" ".join(words))
    except PhraseError:
        return
    assert isinstance(found, Description)
    assert found.noun
