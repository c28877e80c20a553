"""Read a noun with the words before it: "the two small black and white dogs"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from .description import Place, Worn
from .lexicon import Lexicon, words_in
from .noun_builder import NOTHING, NounBuilder
from .places import BEFORE, ORDINALS, SPOTS, places_of, word_at
from .plurals import is_plural, singulars
from .tokens import Word, typed, understood

DETERMINERS = words_in("the a an this that these those his her its their my your our")
NUMBERS: dict[str, int | None] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "both": 2, "all": None, "every": None, "each": None, "any": None,
    "some": None, "several": None, "many": None, "few": None,
}  # fmt: skip
AMOUNTS: dict[str, int | None] = {
    "pair": 2, "couple": 2, "group": None, "bunch": None, "herd": None, "flock": None, "row": None,
    "pile": None, "stack": None, "set": None, "crowd": None, "slice": 1, "piece": 1, "photo": 1,
    "picture": 1, "image": 1,
}  # fmt: skip
EVERYTHING = frozenset(("everything", "anything", "all"))
THING = frozenset(("one", "ones", "thing", "things", "object", "objects", "something", "item"))
# Words for people that say how many.
_PEOPLE: dict[str, int | None] = {
    "everyone": None, "everybody": None, "anyone": None, "anybody": None, "couple": 2,
    "family": None, "team": None, "crowd": None, "audience": None,
}  # fmt: skip
_AGES = {"young": "young", "younger": "young", "youngest": "young", "adult": "grown",
         "grown-up": "grown", "grown": "grown", "old": "grown", "elderly": "grown"}  # fmt: skip
_SHADES = {"dark": "dark ", "deep": "dark ", "light": "light ", "pale": "light ", "bright": ""}
_JOINTS = frozenset(("and", "or", "&", ","))
_LONGEST = 4  # words of one lexicon entry


def read_noun(words: Sequence[Word], at: int, lexicon: Lexicon) -> tuple[NounBuilder, int]:
    """Return the noun that begins at word `at`, with what is said before it, and where it ends.

    The result's `noun` is "" where there is none; the colours and places that were read are in it
    all the same.
    """
    reader = _Reader(words, at, lexicon)
    reader.read()
    while reader.heads and word_at(words, reader.at) == "'s":  # it owns the one to come
        owner = reader.finished()
        reader = _Reader(words, reader.at + 1, lexicon)
        reader.result.relations.append(("carrying it", owner, "'s"))
        reader.read()
    return reader.finished(), reader.at


class _Reader:
    def __init__(self, words: Sequence[Word], at: int, lexicon: Lexicon) -> None:
        self.words, self.at, self.lexicon = words, at, lexicon
        self.begin = at
        self.result = NounBuilder()
        self.heads: list[tuple[str, bool]] = []  # nouns in a row, the last is the head; plural?
        self.row: list[Sequence[Word]] = []  # the words of each
        self.demoted: list[str] = []  # nouns that tell of the head, if the head is known alone
        self.count: tuple[int | None] | None = None
        self.hair: list[str] = []
        self.hair_said: Sequence[Word] = ()
        self.strict = False

    def read(self) -> None:
        """Read words while they belong to the noun."""
        while self.at < len(self.words) and self._step():
            pass

    def _step(self) -> bool:
        """Read one word or more; return False where the noun is over."""
        if self._noun_of_several_words() or self._colour():
            return True
        word = self.words[self.at]
        if self.heads:
            return self._after_head(word)
        if word in DETERMINERS or word == "'s":
            self.begin = self.at + 1
            return self._take()
        goes_on = self._continues(self.at + 1)
        if self._amount(word, goes_on):
            return True
        if word in EVERYTHING or word in THING:
            return self._everything(word)
        if self._place(word, goes_on) or self._looks(word, goes_on):
            return True
        known = self.lexicon.noun(word)
        no_noun = self._is_verb(word) or word in _NEVER_NOUNS or not self._may_be_noun(word)
        if known is None and no_noun:
            return False
        return self._head(word, known or self._made_singular(word), 1)

    def _everything(self, word: Word) -> bool:
        """Read a word for objects of any kind, which ends the noun."""
        if word in EVERYTHING or word in ("ones", "things", "objects"):
            self.count = self.count or (None,)
        self.heads.append(("thing", False))
        self.row.append(self.words[self.at : self.at + 1])
        self.at += 1
        return False

    def _amount(self, word: Word, goes_on: bool) -> bool:
        """Read an amount: "two", "all of the", "a pair of"."""
        following = word_at(self.words, self.at + 1)
        if word in AMOUNTS and following == "of":
            self.count = (AMOUNTS[word],)
            return self._take(2)
        if word == "of" and self.count is not None:
            return self._take()
        if word in NUMBERS or word.isdigit():
            if not (goes_on or following == "of" or following in DETERMINERS):
                return False
            self.count = self.count or (NUMBERS[word] if word in NUMBERS else max(1, int(word)),)
            return self._take()
        return False

    def _place(self, word: Word, goes_on: bool) -> bool:
        """Read a place or size: "second", "far left", "largest", "the tallest of the"."""
        following = word_at(self.words, self.at + 1)
        if word in BEFORE and (goes_on or following == "of"):
            self.result.place(BEFORE[word])
            if BEFORE[word].axis == "height":
                self.result.heights.append(word.typed)
            if following == "of":
                self.count = (1,)
            return self._take()
        if word in ORDINALS and goes_on:
            self.result.nth = ORDINALS[word]
            return self._take()
        if word in ("far", "very") and following in SPOTS:
            self.strict = True
            return self._take()
        if word in SPOTS and (goes_on or following in SPOTS):
            self.result.place(*places_of([word], self.strict))
            return self._take(2 if following == "hand" else 1)
        return False

    def _looks(self, word: Word, goes_on: bool) -> bool:
        """Read hair, age, and words that cannot be checked."""
        if word in self.lexicon.hair:
            self.hair += self.lexicon.hair[word]
            self.hair_said = self.words[self.at : self.at + 1]
            return self._take()
        if not goes_on:
            return False
        if word in _AGES:
            self.result.age = _AGES[word]
            if word in ("old", "elderly"):
                self.result.unchecked.append(word.typed)
            elif word in ("younger", "youngest"):
                self.result.place(Place("height", -1))
            return self._take()
        verb = self._is_verb(word) and not self.lexicon.noun(word)
        if verb or word in self.lexicon.plain:
            self.result.unchecked.append(word.typed)
            return self._take()
        return False

    def _is_verb(self, word: str) -> bool:
        return word in self.lexicon.verbs or word.endswith(("ing", "ed"))

    def _after_head(self, word: Word) -> bool:
        """Read a word after a noun if it is part of a compound; else the noun is over."""
        following = word_at(self.words, self.at + 1)
        known = self.lexicon.noun(word)
        plain_verb = known is None or following in DETERMINERS or word.endswith(("s", "ing", "ed"))
        if self._is_verb(word) and plain_verb:
            return False
        if known is None and (word in self.lexicon.plain or not self._may_be_noun(word)):
            return False
        if word in SPOTS or word in BEFORE or word in ORDINALS or word in THING:
            return False
        return self._head(word, known or self._made_singular(word), 1)

    def _noun_of_several_words(self) -> bool:
        for count in range(min(_LONGEST, len(self.words) - self.at), 1, -1):
            words = " ".join(self.words[self.at : self.at + count]).replace(" 's", "'s")
            known = self.lexicon.noun(words)
            if known:
                return self._head(words, known, count)
            if words in self.lexicon.plain and not self.heads:
                self.result.unchecked.append(typed(self.words[self.at : self.at + count]))
                return self._take(count)
        return False

    def _colour(self) -> bool:
        """Read a colour with its shade, "dark blue", unless it is the noun: "the orange"."""
        if self.heads:
            return False
        start = self.at
        shade: str = self.words[self.at] if self.words[self.at] in _SHADES else ""
        if shade and self._is_colour(self.at + 1):
            self.at += 1
        else:
            shade = ""
        for count in (2, 1):
            end = self.at + count
            word = " ".join(self.words[self.at : end])
            terms = self.lexicon.colours.get(word)
            if not terms:
                continue
            joined = word_at(self.words, end) in _JOINTS and self._is_colour(end + 1)
            said_before = shade or word_at(self.words, self.at - 1) in _JOINTS
            if self.lexicon.noun(word) and not (joined or said_before or self._continues(end)):
                continue  # the thing itself: "the orange"
            prefix = _SHADES.get(shade, "")
            shaded = [term if " " in term else prefix + term for term in terms]
            self.result.colours += shaded
            self.result.tints |= dict.fromkeys(shaded, typed(self.words[start:end]))
            self.at = end + joined
            return True
        return False

    def _is_colour(self, at: int) -> bool:
        word = word_at(self.words, at)
        return word in self.lexicon.colours or (
            word in _SHADES and word_at(self.words, at + 1) in self.lexicon.colours
        )

    def _head(self, word: str, noun: tuple[str, bool], count: int) -> bool:
        if self.heads:
            self._demote(self.heads[-1][0], self.row[-1])
        if word in _PEOPLE:
            self.count = self.count or (_PEOPLE[word],)
        self.heads.append(noun)
        self.row.append(self.words[self.at : self.at + count])
        self.result.said = word
        return self._take(count)

    def _demote(self, word: str, words: Sequence[Word]) -> None:
        """Turn the last noun into a word that tells of the next one: "baby elephant"."""
        zone = self.lexicon.wear.get(word)
        meaning = self.lexicon.things.get(word, NOTHING)
        if zone:
            self.result.worn.append(Worn(word, zone, tuple(self.result.colours), understood(words)))
            self.result.colours = []
        elif meaning.sex or meaning.age or word in _AGES:
            self.result.sex = meaning.sex
            self.result.age = meaning.age or _AGES.get(word, "")
        else:
            self.demoted.append(typed(words))

    def finished(self) -> NounBuilder:
        """Return the noun that was read."""
        result = self.result
        if self.hair and not self.heads:
            self.heads.append(("person", False))
            self.row.append(self.hair_said)
        if not self.heads:
            return result
        word, plural = self.heads[-1]
        result.meaning = self.lexicon.things.get(word, NOTHING)
        known = result.meaning != NOTHING or self.lexicon.noun(word) or word == "thing"
        compound = " ".join(word for word, _ in self.heads)
        result.noun = "person" if word in _PEOPLE else word if known else compound
        result.words = tuple(self.row[-1] if known else chain.from_iterable(self.row))
        result.unchecked += self.demoted if known else []
        result.phrase = typed(self.words[self.begin : self.at])
        if self.count is not None:
            result.count = self.count[0]
            if result.count == 2 and not plural and word not in ("thing", *_PEOPLE):
                result.count = 1  # a pair of scissors
        elif plural:
            result.count = None
        if result.meaning.relation:
            kind, other = result.meaning.relation
            implied = NounBuilder(noun=other, meaning=self.lexicon.things[other])
            result.relations.append((kind, implied, ""))
        if self.hair and result.is_person:
            result.worn.append(Worn("hair", "hair", tuple(self.hair)))
        else:
            result.colours += self.hair
        self.hair = []
        return result

    def _take(self, count: int = 1) -> bool:
        self.at += count
        return True

    def _continues(self, at: int) -> bool:
        """Return whether the word at `at` can still belong to this noun."""
        word = word_at(self.words, at)
        return bool(word) and self._may_be_noun(word)

    def _may_be_noun(self, word: str) -> bool:
        return word[0].isalnum() and word not in FUNCTION_WORDS and word not in DETERMINERS

    def _made_singular(self, word: str) -> tuple[str, bool]:
        """Return an unknown noun in the singular, by its ending, and whether it was a plural."""
        return (next(singulars(word), word), True) if is_plural(word) else (word, False)


# Words that are no noun without one after them.
_NEVER_NOUNS = frozenset((*SPOTS, *BEFORE, *ORDINALS, *_AGES, "far", "very", "other"))
# Words that never are part of a noun; what they do is read elsewhere.
FUNCTION_WORDS = words_in(
    "on at in to from of by with under over above below behind beside besides next near between "
    "among around against along alongside inside within into onto upon atop underneath beneath off "
    "through across toward towards up down for as like than who whom that which whose is are was "
    "were be been being there he she it they and or not but without except also too so while where "
    "when then together away ahead during after before about because if i me us you"
)
