"""The language of what a person reads. English stands in the code; a translation is a gettext catalog in `locale/`.

JSON, files and all that is compared stay English. A run speaks one language, which is chosen before it says a word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

ENGLISH = "en"
LANGUAGES = (ENGLISH, "zh_CN")
LOCALE = Path(__file__).parent / "locale"

_translated: Callable[[str], str] = str


def tr(message: str, /, **values: object) -> str:
    """`message` in the reader's language; `{name}` in it stands for a value, as in `str.format`."""
    text = _translated(message)
    return text.format(**values) if values else text


def mark(message: str) -> str:
    """`message` as it is: a constant to be translated where it is used, by `tr(CONSTANT)`."""
    return message


def speak(language: str) -> None:
    """Use one of LANGUAGES from here on."""
    global _translated
    if language == ENGLISH:  # the usual case reads no file and imports nothing
        _translated = str
        return
    from gettext import GNUTranslations

    with (LOCALE / language / "LC_MESSAGES" / "gpustrap.mo").open("rb") as file:
        _translated = GNUTranslations(file).gettext


def language_of(environment: Mapping[str, str]) -> str:
    """What LANGUAGE, LC_ALL, LC_MESSAGES and LANG ask for, in gettext's order; English for what there is not."""
    locale = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), "")
    if locale in ("C", "POSIX"):
        return ENGLISH
    wanted = [*environment.get("LANGUAGE", "").split(":"), locale]
    return next((known for each in wanted if (known := _known(each))), ENGLISH)


def _known(locale: str) -> str | None:
    """The one of LANGUAGES for a locale's name such as zh_CN.UTF-8, zh-Hans or en_GB; None where there is none."""
    language, *regions = locale.partition(".")[0].partition("@")[0].replace("-", "_").lower().split("_")
    if language == "zh":  # the traditional script is another one
        return None if {"tw", "hk", "mo", "hant"} & set(regions) else "zh_CN"
    return ENGLISH if language == ENGLISH else None
