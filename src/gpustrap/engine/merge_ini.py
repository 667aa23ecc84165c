"""A file of sections with KEY = VALUE lines, for `merge`: comments, order and layout stay."""

from __future__ import annotations

import re
from typing import Any

from gpustrap.engine.merge_forms import Unreadable
from gpustrap.language import tr

# A section of our own for what stands above all sections; taken out again.
_TOP = "gpustrap-top-of-the-file"


class Ini:
    """pip.conf, .npmrc: comments and order stay, `index_url` is `index-url` as for pip."""

    def __init__(self, text: str):
        from configparser import ParsingError

        from configupdater import ConfigUpdater

        sections = re.search(r"(?m)^\[", text) or not text.strip()
        self._doc = ConfigUpdater(strict=False, allow_no_value=True, space_around_delimiters=bool(sections))
        try:
            self._doc.read_string(f"[{_TOP}]\n{text}")
        except ParsingError as error:
            line = error.errors[0][0] - 1 if error.errors else None
            raise Unreadable(tr("a line that is neither KEY = VALUE nor [SECTION]"), line) from error
        names = self._doc.sections()
        if twice := next((name for at, name in enumerate(names) if name in names[:at]), None):
            lines = [at for at, line in enumerate(text.splitlines(), 1) if line.startswith(f"[{twice}]")]
            raise Unreadable(tr("the section [{twice}] stands twice", twice=twice), lines[-1] if lines else None)

    def _options(self, key: str) -> list[Any]:
        """Every line of a key, the last of which is the one that counts."""
        from configupdater import Option

        section, name = _section(key)
        if not self._doc.has_section(section):
            return []
        blocks = self._doc[section].iter_blocks()
        return [block for block in blocks if isinstance(block, Option) and _spelling(block.key) == _spelling(name)]

    def get(self, key: str, like: Any = None) -> Any:  # noqa: ARG002 (the documents' common form)
        options = self._options(key)
        return options[-1].value if options else None

    def has(self, key: str, value: Any) -> bool:
        names = [option.key for option in self._options(key)]
        return len(names) == len(set(names)) and bool(self.get(key) == _words(value))

    def set(self, key: str, value: Any) -> None:
        options = self._options(key)
        for at, option in enumerate(options):
            # pip reads nothing of a file in which a key stands twice in the same spelling (DuplicateOptionError).
            if option.key in [later.key for later in options[at + 1 :]]:
                option.detach()
            else:
                option.value = _words(value)
        if not options:
            self._add(*_section(key), _words(value))

    def _add(self, section: str, name: str, value: str) -> None:
        if section != _TOP and self._doc[_TOP].options():
            # pip reads nothing of such a file (configparser: "File contains no section headers").
            raise Unreadable(tr("a setting that stands above the first [SECTION]"), None)
        if not self._doc.has_section(section):
            self._doc.add_section(section)
        place = self._doc[section]
        if options := place.options():
            # Right below the last option, so that what stands at the section's end stays at its end.
            place[options[-1]].add_after.option(name, value)
        elif first := next(place.iter_blocks(), None):
            first.add_before.option(name, value)
        else:
            place[name] = value

    def has_above(self, key: str) -> bool:
        """Whether the section of a key is there."""
        return bool(self._doc.has_section(_section(key)[0]))

    def remove(self, key: str, value: Any = None, *, keep: bool = False) -> None:  # noqa: ARG002 (the common form)
        """Take a key out, and its section where nothing else is in it, unless it is to be kept."""
        section, _ = _section(key)
        for option in self._options(key):
            option.detach()
        if not keep and section != _TOP and self.has_above(key) and not list(self._doc[section].iter_blocks()):
            self._doc[section].detach()

    def text(self) -> str:
        return str(self._doc).removeprefix(f"[{_TOP}]\n")

    def data(self) -> Any:
        sections = self._doc.sections()
        return {name: [str(block).strip() for block in self._doc[name].iter_blocks()] for name in sections}


def _section(key: str) -> tuple[str, str]:
    section, _, name = key.rpartition(".")
    return section or _TOP, name


def _spelling(name: str) -> str:
    return name.casefold().replace("_", "-")


def _words(value: Any) -> str:
    """Also of several: one a line, as pip reads them."""
    if isinstance(value, bool):
        return str(value).lower()
    return "".join(f"\n    {one}" for one in value) if isinstance(value, list | tuple) else str(value)
