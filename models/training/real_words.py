"""Write the words of English that must not be taken for misspelt ones, `grounders/real_words.txt`.

    python -m models.training.real_words LIST...

A phrase's unknown word that is one letter from a known one is taken for that one, unless it is a
word of its own: "whiskers" is no misspelt "whiskey". Of whole dictionaries only the words that
would be so taken are kept. LIST is a dictionary: a text of one word a line, with or without its
frequency behind it, or gzipped JSON with the words as keys. What is committed is made of
`frequency_dictionary_en_82_765.txt` of symspellpy 6.10.1 (words of SCOWL) and `en.json.gz` of
pyspellchecker 0.9.1. Run it again when the lexicon grows.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from pickmatte.models.grounders.english.phrases import mend

_LIST = Path(__file__).parents[1] / "grounders" / "real_words.txt"
_HEAD = """\
# Words of English that are not in the lexicon, but one letter from a word that is.
# Written by `python -m models.training.real_words`, which says where they come from.
"""


def words_of(path: Path) -> set[str]:
    """The words of a dictionary file that are plain letters."""
    if path.suffix == ".gz":
        words: Iterable[str] = json.loads(gzip.decompress(path.read_bytes()))
    else:
        words = (line.split()[0] for line in path.read_text("utf-8-sig").splitlines() if line)
    return {word for word in words if word.isascii() and word.isalpha() and word.islower()}


def main(paths: Iterable[str]) -> None:
    """Read the dictionaries and write the list."""
    words = set[str]().union(*(words_of(Path(path)) for path in paths))
    kept = sorted(word for word in words if mend(word))
    _LIST.write_text(_HEAD + "".join(f"{word}\n" for word in kept), "utf-8")
    print(f"{len(kept)} words")


if __name__ == "__main__":
    main(sys.argv[1:])
