"""What a person is told quotes what they typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pickmatte.models.errors import PhraseError
from pickmatte.models.grounders.english.lexicon import lexicon
from pickmatte.models.grounders.english.phrases import known, parse
from pickmatte.models.grounders.english.tokens import tokens, typed
from pickmatte.models.grounders.ranking.detected_objects import DetectedObject
from pickmatte.models.grounders.ranking.rank import rank
from pickmatte.models.protocols import Findings

RGB = np.full((60, 90, 3), 128, np.uint8)
THINGS = [
    DetectedObject((5, 10, 25, 55), "person", 0.9),
    DetectedObject((35, 12, 55, 55), "person", 0.8),
    DetectedObject((60, 30, 85, 55), "dog", 0.7),
    DetectedObject((30, 40, 40, 50), "cup", 0.7),
]
# Known to the lexicon, unknown, misspelt, foreign, plural, in capitals, with marks between letters.
HARD = (
    "whiskers", "Texas", "gnomes", "umbrela", "Umbrelas", "café", "crème", "собака", "scarves",
    "hot-dog", "T-Shirt", "jack-o'-lantern", "isn't", "the boys' ball", "who’s", "Dog’s", "ivory",
    "tan", "tall", "shorter", "curly", "long hair", "glasses", "facing the camera", "leaves",
    "blonde", "everyone", "half-eaten", "the dog's", "midle", "planet",
)  # fmt: skip
GRAMMAR = ("the", "a", "on the", "in", "of", "with", "and", "not", "but", "wearing", "left", ",")
WORDS = st.sampled_from([*sorted(lexicon().everything), *HARD * 40, *GRAMMAR * 80])


def told(phrase: str) -> str:
    """All that is said of a phrase for some things, whether it is understood or not."""
    try:
        description = parse(phrase)
        found = rank(description, RGB, THINGS)
        known(description)
    except PhraseError as error:
        return str(error)
    return "\n".join(sentences(found))


def sentences(found: Findings) -> Iterator[str]:
    yield found.note
    yield from (hit.why for hit in found.hits)


def read(phrase: str, said: str) -> str:
    """The phrase with the mended spelling that a sentence declares."""
    for wrong, right in re.findall(r'"([^"]*)" is taken for "([^"]*)"', said):
        phrase = re.sub(rf"\b{re.escape(wrong)}\b", right, phrase)
    return phrase.lower()


@settings(deadline=None)  # the first phrase loads tables
@given(st.lists(WORDS, min_size=1, max_size=7).map(" ".join))
def test_every_quotation_is_of_the_phrase(phrase: str) -> None:
    said = told(phrase)
    for quotation in re.findall(r'"([^"]*)"', re.sub(r'taken for "[^"]*"', "", said)):
        assert quotation in phrase or quotation in read(phrase, said), said


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("the whiskers", '"whiskers" is not a word I know; nearest: '),
        ("the Gnomes", '"Gnomes" is not a word I know; '),
        ("the planet", '"planet" is not a word I know; nearest: plane, '),
        ("scarves", '"scarves" is none of the things'),
        ("the windwo", '"windwo" is taken for "window"; "window" is none of the things'),
        ("the Giraffs", '"Giraffs" is taken for "giraffes". No giraffes found in the picture, '),
        ("the man and the umbrelas", 'Say "man" and "umbrelas" one at a time'),
        ("the cup of hot Tea", 'Nothing here can check "of hot Tea".'),
        ("the dog with long curly hair", 'Nothing here can check "long curly hair".'),
        ("the ivory person on the left", 'Nothing here can check "ivory".'),
        ("the person in the crème scarf", 'Nothing here can check "crème scarf".'),
        ("the dog with whiskers", "with the whiskers: cannot be checked, no whiskers found"),
        ("the dog on the Texas flag", "on the flag: cannot be checked, no flag found"),
    ],
)
def test_what_was_said_comes_back(phrase: str, said: str) -> None:
    assert said in told(phrase)


@pytest.mark.parametrize("word", ["whiskers", "chain", "butler", "price", "movies", "always"])
def test_a_word_of_english_is_not_mended_into_another(word: str) -> None:
    assert parse(f"the dog with the {word}").notes == ()


def test_tokens_know_their_places() -> None:
    phrase = "The Boys’ half‑eaten crème, isn't it who's & DOG’s"
    words = tokens(phrase)
    assert words == [
        "the", "boys", "'s", "half-eaten", "creme", ",", "is", "not", "it", "who", "is", "&",
        "dog", "'s",
    ]  # fmt: skip
    assert [word.typed for word in words] == [
        "The", "Boys", "’", "half‑eaten", "crème", ",", "isn't", "isn't", "it", "who", "'s", "&",
        "DOG", "’s",
    ]  # fmt: skip
    assert typed(words[3:5]) == "half‑eaten crème"
    assert [part.typed for part in words[3].parts()] == ["half", "eaten"]
    assert typed([]) == ""
