"""Which language a run speaks: that of `--lang`, which may stand anywhere among its words, else the environment's."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from gpustrap.errors import BadInput, Fault, nearest
from gpustrap.language import ENGLISH, LANGUAGES, language_of, speak, tr

OPTION = "--lang"


def settle(words: Sequence[str], others: Sequence[str] = ()) -> list[str]:
    """Speak the language that is asked for, and answer the other words. After a verb of `others` nothing is ours.

    Raises BadInput, in the environment's language, for one that there is not.
    """
    speak(_of_environment())
    left, wanted, waits = list[str](), list[str](), iter(words)
    for word in waits:
        name, equals, value = word.partition("=")
        if name == OPTION:
            wanted.append(value if equals else next(waits, ""))
            continue
        left.append(word)
        if word == "--" or word in others:
            break
    if wanted:
        speak(_known(wanted[-1]))
    return [*left, *waits]


def _of_environment() -> str:
    """English too where stderr cannot show another script, as on a terminal of ASCII."""
    language = language_of(os.environ)
    try:
        "中".encode(getattr(sys.stderr, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return ENGLISH
    return language


def _known(language: str) -> str:
    if language not in LANGUAGES:
        said = tr("'{word}' is not among {known}", word=language, known=", ".join(LANGUAGES))
        raise BadInput(Fault(said, key=OPTION, nearest=nearest(language, LANGUAGES)))
    return language
