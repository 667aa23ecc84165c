"""Keys set in a file that belongs to others: every other byte stays. Pure.

A key is a dotted path. In `ini` it is `SECTION.KEY`, or `KEY` above all sections as in ~/.npmrc; in `yaml` and
`toml` each part is one level down. A list of tables (`[[index]]`) is merged by flags: a table takes the place of
the one that carries the same flags, the values that are true; other tables stay.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from gpustrap.engine.merge_forms import Form, Unreadable
from gpustrap.engine.merge_ini import Ini
from gpustrap.engine.merge_toml import Toml
from gpustrap.engine.merge_yaml import Yaml

DOCUMENTS: dict[Form, type[Ini] | type[Toml] | type[Yaml]] = {"ini": Ini, "toml": Toml, "yaml": Yaml}
BOM = "\ufeff"


def merged(form: Form, text: str, keys: Mapping[str, Any]) -> str:
    """`text` with the keys set. Raises Unreadable where `text` is not of this form."""
    return _changed(form, text, keys, {})


def without(form: Form, text: str, keys: Mapping[str, Any], original: str = "") -> str:
    """`text` without the keys; what `original` says of one of them is said again.

    The values of `keys` matter for lists of tables alone: they tell which of the tables is meant.
    """
    return _changed(form, text, {}, keys, original)


def replaced(form: Form, text: str, old: Mapping[str, Any], new: Mapping[str, Any], original: str = "") -> str:
    """`text` with `new` set, and without what `old` has and `new` has not."""
    gone = {key: value for key, value in old.items() if key not in new}
    return merged(form, without(form, text, gone, original) if gone else text, new)


def _changed(form: Form, text: str, keys: Mapping[str, Any], gone: Mapping[str, Any], original: str = "") -> str:
    document = DOCUMENTS[form]
    plain, restore = _plain(text)
    base = document(plain)
    untouched = base.text()
    before, wanted = document(_plain(original)[0]), base
    for key, value in gone.items():
        stood = before.get(key, value)
        if stood is not None:
            wanted.set(key, stood)
        else:
            wanted.remove(key, value, keep=before.has_above(key))
    for key, value in keys.items():
        if not wanted.has(key, value):
            wanted.set(key, value)
    return restore(_on_top(plain, untouched, wanted.text(), lambda one: document(one).data()))


def _plain(text: str) -> tuple[str, Callable[[str], str]]:
    """The text with plain newlines and no byte order mark, and what gives both back."""
    mark = BOM if text.startswith(BOM) else ""
    lines = text.removeprefix(BOM).split("\n")
    carriage = [line.endswith("\r") for line in lines[:-1]]
    plain = "\n".join(line.removesuffix("\r") for line in lines)

    def restore(result: str) -> str:
        if not any(carriage):
            return mark + result
        new = result.split("\n")
        ends = [True] * len(new)
        for tag, a, b, c, _ in SequenceMatcher(None, plain.split("\n"), new, autojunk=False).get_opcodes():
            if tag == "equal":
                for offset in range(b - a):
                    ends[c + offset] = carriage[a + offset] if a + offset < len(carriage) else True
        return mark + "".join(line + ("\r\n" if ends[at] else "\n") for at, line in enumerate(new[:-1])) + new[-1]

    return plain, restore


def _on_top(text: str, untouched: str, wanted: str, read: Callable[[str], Any]) -> str:
    """`text` with the lines changed that differ between `untouched` and `wanted`.

    `untouched` is what the library makes of `text` when nothing changes: it may lay out some lines in its own way.
    Where the two have other numbers of lines, or the result would not say the same, `wanted` it is.
    """
    if untouched == wanted:
        return text
    if untouched == text:
        return wanted
    theirs, ours, new = text.split("\n"), untouched.split("\n"), wanted.split("\n")
    if len(theirs) != len(ours):
        return wanted
    result = "\n".join(_lines(theirs, ours, new))
    try:
        return result if read(result) == read(wanted) else wanted
    except Unreadable:
        return wanted


def _lines(theirs: list[str], ours: list[str], new: list[str]) -> Iterator[str]:
    for tag, a, b, c, d in SequenceMatcher(None, ours, new, autojunk=False).get_opcodes():
        yield from theirs[a:b] if tag == "equal" else new[c:d]


def canonical(keys: Mapping[str, Any]) -> str:
    """The keys as one line of JSON, the same for the same keys in any order."""
    return json.dumps(keys, sort_keys=True, ensure_ascii=False)
