"""Read the clauses that follow a noun: "in the red coat", "second from the left"."""

from __future__ import annotations

from collections.abc import Sequence

from pickmatte.models.errors import PhraseError

from .description import Place, RelationKind, Worn
from .lexicon import Lexicon, Verb, words_in
from .noun_builder import NounBuilder
from .nouns import AMOUNTS, DETERMINERS, FUNCTION_WORDS, read_noun
from .places import ORDINALS, spot_at, word_at
from .tokens import Word, typed, understood

PREPOSITIONS: dict[tuple[str, ...], RelationKind] = {
    ("in", "back", "of"): "behind", ("ahead", "of"): "in front of", ("next", "to"): "next to",
    ("close", "to"): "next to", ("left", "of"): "left of", ("right", "of"): "right of",
    ("inside", "of"): "in", ("out", "of"): "in",
    **{(word,): "on" for word in ("on", "atop", "upon", "onto", "up", "down")},
    **{(word,): "in" for word in ("in", "inside", "within", "into")},
    **{(word,): "under" for word in ("under", "underneath", "beneath", "below")},
    **{(word,): "above" for word in ("above", "over")},
    **{(word,): "next to" for word in (
        "beside", "besides", "by", "near", "at", "around", "against", "along", "alongside",
        "between", "among", "off", "to", "towards", "toward", "through", "across",
    )},
    **{(word,): "acting on" for word in ("from", "for", "about")},
    ("behind",): "behind", ("before",): "in front of", ("with",): "with", ("of",): "carrying it",
}  # fmt: skip
_CLOTHED: frozenset[RelationKind] = frozenset(("in", "with", "wearing", "holding", "on"))
# Verbs that keep their own meaning before these, and give it up before any other.
_KEPT: dict[RelationKind, tuple[RelationKind, ...]] = {
    "riding": ("on", "in"), "sitting on": ("on", "in"), "wearing": ("in",),
    "holding": ("on", "next to"), "acting on": ("on", "in", "acting on", "next to", "with"),
}  # fmt: skip
_BEASTS = words_in("bird cat dog horse sheep cow elephant bear zebra giraffe")
_PICTURE = words_in("picture image photo photograph frame shot scene view")


def follow(words: Sequence[Word], at: int, noun: NounBuilder, lexicon: Lexicon) -> None:
    """Read all words from `at` on and add what they say to `noun`.

    Raises `PhraseError` where a second object is asked for in the same phrase.
    """
    _Follower(words, at, noun, lexicon).read()


class _Follower:
    def __init__(self, words: Sequence[Word], at: int, noun: NounBuilder, lexicon: Lexicon) -> None:
        self.words, self.at, self.noun, self.lexicon = words, at, noun, lexicon
        self.last: RelationKind | None = None  # the relation that "and" goes on with
        self.said = ""

    def read(self) -> None:
        while self.at < len(self.words):
            if not (self._place() or self._more() or self._preposition() or self._verb()):
                self._rest()

    def _place(self) -> bool:
        word = self.words[self.at]
        if word in ORDINALS and word_at(self.words, self.at + 1) in ("from", "in", "on"):
            self.noun.nth = ORDINALS[word]
            self.at += 1
            return True
        spot = spot_at(self.words, self.at)
        if spot is None:
            return False
        places, kind, end = spot
        if kind is not None:
            other, after = read_noun(self.words, end, self.lexicon)
            if other.noun:
                self._attach(kind, other, " ".join(self.words[self.at : end]), after)
                end = after
        self.noun.place(*places)
        self.at = end
        return True

    def _more(self) -> bool:
        """Read "and" with another object of the last relation; raise `PhraseError` without one."""
        if self.words[self.at] not in ("and", "&", ",", "or"):
            return False
        other, end = read_noun(self.words, self.at + 1, self.lexicon)
        if other.noun and self.last is not None:
            self._attach(self.last, other, self.said, end)
            self.at = end
        elif other.noun and other.noun not in self.lexicon.wear:
            raise PhraseError(
                f'Say "{typed(self.noun.words)}" and "{typed(other.words)}" one at a time, '
                "as two phrases."
            )
        else:
            self.at += 1
        return True

    def _preposition(self) -> bool:
        found = self._preposition_at(self.at)
        if found is None:
            return False
        kind, end = found
        self._object(kind, end)
        return True

    def _preposition_at(self, at: int) -> tuple[RelationKind, int] | None:
        for count in (3, 2, 1):
            kind = PREPOSITIONS.get(tuple(self.words[at : at + count]))
            if kind is not None:
                return kind, at + count
        return None

    def _verb(self) -> bool:
        word = self.words[self.at]
        doing = self.lexicon.verbs.get(word)
        if doing is None:
            if word in FUNCTION_WORDS or not word.endswith(("ing", "ed")):
                return False
            doing = Verb("acting on")
        start = self.at + 1
        spot = spot_at(self.words, start)
        if spot and not spot[1]:
            turned = word.startswith(("fac", "look", "point", "turn"))  # "facing left" is no place
            said = self.words[self.at : spot[2] if turned else self.at + 1]
            self.noun.unchecked.append(typed(said))
            self.at += len(said)
            return True
        found = self._preposition_at(start)
        kind = doing.kind
        if found and (kind is None or found[0] not in _KEPT.get(kind, ())):
            kind = found[0]
        end = found[1] if found else start
        self._object(kind or "acting on", end, doing)
        return True

    def _object(self, kind: RelationKind, at: int, doing: Verb | None = None) -> None:
        """Read the object of the preposition or verb that stands before `at`."""
        said = self.words[self.at : at]
        other, end = read_noun(self.words, at, self.lexicon)
        if other.noun in _PICTURE or (other.noun == "camera" and kind == "acting on"):
            if other.noun == "camera":
                self.noun.unchecked.append(typed(self.words[self.at : end]))
        elif other.noun:
            self._attach(kind, other, " ".join(said), end)
        elif other.colours and kind in _CLOTHED:  # "the woman in red"
            self._wearer().worn.append(Worn("clothes", "whole", tuple(other.colours)))
        elif kind == "behind":
            self.noun.place(Place("depth", -1))
        elif doing and doing.kind and doing.other:  # "surfing"
            implied = NounBuilder(noun=doing.other, meaning=self.lexicon.things[doing.other])
            self._attach(doing.kind, implied, "", end)
        elif doing:
            self.noun.unchecked.append(typed(said))
            end = at
        self.at = max(end, at)

    def _attach(self, kind: RelationKind, other: NounBuilder, said: str, end: int) -> None:
        """Add to the noun that it is `kind` the other noun, which ends at `end`."""
        wear = self.lexicon.wear
        zone = wear.get(other.noun) or (self._wearer().is_person and wear.get(other.said)) or None
        self.last, self.said = kind, said
        if zone and kind in _CLOTHED and not (kind in ("on", "holding") and other.meaning.classes):
            wearer = self._wearer()
            name = other.noun if other.noun in wear else other.said
            wearer.worn.append(Worn(name, zone, tuple(other.colours), understood(other.words)))
            looks = [*other.unchecked, *other.heights]
            wearer.unchecked += looks if other.colours or not looks else [other.phrase]
        elif kind == "carrying it" and not (
            other.is_person or set(other.meaning.classes) & _BEASTS
        ):
            self.noun.unchecked.append(typed(self.words[self.at : end]))  # "a cup of cocoa"
        else:
            self.noun.relations.append((kind, other, said))

    def _wearer(self) -> NounBuilder:
        """Return the noun that clothes are said of: the person named last."""
        for _, other, _ in reversed(self.noun.relations):
            if other.is_person:
                return other
        return self.noun

    def _rest(self) -> None:
        """Read a noun right after the noun ("the bowl the cat eats from"), a colour, or a word."""
        word = self.words[self.at]
        other, end = read_noun(self.words, self.at + (word == "whose"), self.lexicon)
        if word == "whose" and word_at(self.words, end) in ("is", "are"):  # "whose hair is red"
            look, end = read_noun(self.words, end + 1, self.lexicon)
            other.colours += look.colours
            self._attach("with", other, "with", end)
            self.at = end
        elif other.noun and word in DETERMINERS and word != "that" and word not in AMOUNTS:
            self._attach("acting on", other, "", end)
            self.at = end
        elif other.colours and not other.noun:
            self.noun.colours += other.colours
            self.at = end
        else:
            if word not in FUNCTION_WORDS and word not in DETERMINERS and word[0].isalnum():
                self.noun.unchecked.append(word.typed)
            self.at += 1
