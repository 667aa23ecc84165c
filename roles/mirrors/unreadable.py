"""Source files that apt cannot read: it lists and installs nothing at all while one stands there. Pure.

What apt refuses was tried with apt 2.6 (Debian 12).
"""

from __future__ import annotations

from collections.abc import Iterator

from gpustrap.language import tr
from gpustrap.resolve.box.apt_sources import OFF
from gpustrap.resolve.box.survey import Survey

TYPES = ("deb", "deb-src")


def unreadable(survey: Survey) -> tuple[str, ...]:
    """The first place that apt cannot read, and what it is kept from."""
    for path, text in survey.apt_texts.items():
        fault = next(_in_stanzas(text) if path.endswith(".sources") else _in_lines(text), None)
        if fault is not None:
            why = f"{path}:{fault[0]}: {fault[1]}"
            return (tr("{why}; apt installs nothing until that is mended or taken away", why=why),)
    return ()


def _in_lines(text: str) -> Iterator[tuple[int, str]]:
    """The number of each line that is wrong, and what is wrong there."""
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if words and words[0] not in TYPES:
            yield number, _unknown(words[0])
        elif words and len(words) < 3:
            yield number, tr("an address and a suite have to follow")


def _in_stanzas(text: str) -> Iterator[tuple[int, str]]:
    fields: dict[str, str] = {}
    first = 0
    for number, line in enumerate([*text.splitlines(), ""], 1):
        if line.startswith("#"):
            continue
        if not line.strip():
            yield from _in_stanza(first, fields) if first else ()
            fields, first = {}, 0
            continue
        first = first or number
        name, colon, value = line.partition(":")
        if line[0] not in " \t":
            fields[name.strip().lower()] = value.strip()
            if not colon:
                yield number, tr("no field: a colon is missing")


def _in_stanza(first: int, fields: dict[str, str]) -> Iterator[tuple[int, str]]:
    if not (types := fields.get("types", "").split()):
        yield first, tr("the stanza has no {field}", field="Types")
    for word in types:
        if word not in TYPES:
            yield first, _unknown(word)
    if fields.get("enabled", "yes").lower() in OFF:
        return
    wanted = ["URIs", "Suites", *(() if fields.get("suites", "").endswith("/") else ("Components",))]
    for field in wanted:
        if field.lower() not in fields:
            yield first, tr("the stanza has no {field}", field=field)


def _unknown(word: str) -> str:
    return tr("apt knows no type '{word}'", word=word)
