"""The three forms that `merge` knows, each by the library that keeps what it does not change.

A document is made of a text, and has `get`, `has`, `set` and `remove` for a dotted key, `text` and `data`.
Loaded by `merge` when a file has to be changed, not before: the libraries take a tenth of a second.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any


class Unreadable(ValueError):
    """A text that is not of its form. `line` counts from 1, None where the library does not say."""

    def __init__(self, words: str, line: int | None):
        super().__init__(words)
        self.words, self.line = words, line


def flags(table: Any) -> frozenset[str]:
    """What tells a table of a list from the others: the names of its values that are true."""
    return frozenset(name for name, value in table.items() if value is True)


def is_tables(value: Any) -> bool:
    """Whether this is a list of tables."""
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, Mapping) for one in value)


# A section of our own for what stands above all sections; taken out again.
_TOP = "gpustrap-top-of-the-file"


class Ini:
    """pip.conf, .npmrc: comments and order stay, `index_url` is `index-url` as for pip."""

    def __init__(self, text: str):
        from configparser import Error, ParsingError

        from configupdater import ConfigUpdater

        sections = re.search(r"(?m)^\[", text) or not text.strip()
        self._doc = ConfigUpdater(strict=False, allow_no_value=True, space_around_delimiters=bool(sections))
        try:
            self._doc.read_string(f"[{_TOP}]\n{text}")
        except ParsingError as error:
            line = error.errors[0][0] - 1 if error.errors else None
            raise Unreadable("a line that is neither KEY = VALUE nor [SECTION]", line) from error
        except Error as error:
            raise Unreadable(str(error).splitlines()[0], None) from error
        names = self._doc.sections()
        if twice := next((name for at, name in enumerate(names) if name in names[:at]), None):
            lines = [at for at, line in enumerate(text.splitlines(), 1) if line.startswith(f"[{twice}]")]
            raise Unreadable(f"the section [{twice}] stands twice", lines[-1] if lines else None)

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
        return bool(self.get(key) == _words(value))

    def set(self, key: str, value: Any) -> None:
        options = self._options(key)
        for option in options:
            option.value = _words(value)
        if not options:
            self._add(*_section(key), _words(value))

    def _add(self, section: str, name: str, value: str) -> None:
        if section != _TOP and self._doc[_TOP].options():
            # pip reads nothing of such a file (configparser: "File contains no section headers").
            raise Unreadable("a setting that stands above the first [SECTION]", None)
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
    return name.strip().casefold().replace("_", "-")


def _words(value: Any) -> str:
    """Also of several: one a line, as pip reads them."""
    if isinstance(value, bool):
        return str(value).lower()
    return "".join(f"\n    {one}" for one in value) if isinstance(value, list | tuple) else str(value)


class _Nested:
    """A tree of mappings; each part of a key is one level down."""

    _doc: Any

    def _new(self) -> Any:
        raise NotImplementedError

    def _holder(self, key: str) -> tuple[Any, str]:
        *parts, name = key.split(".")
        place = self._doc
        for part in parts:
            place = place.get(part) if isinstance(place, Mapping) else None
        return (place if isinstance(place, Mapping) else None), name

    def get(self, key: str, like: Any = None) -> Any:
        """What stands there, as plain data; of a list of tables those of them that `like` means."""
        place, name = self._holder(key)
        found = None if place is None else _plain(place.get(name))
        if not is_tables(like) or not isinstance(found, list) or not is_tables(found):
            return found
        meant = [flags(table) for table in like]
        return [table for table in found if flags(table) in meant] or None

    def has(self, key: str, value: Any) -> bool:
        return bool(self.get(key, value) == _plain(value))

    def set(self, key: str, value: Any) -> None:
        *parts, name = key.split(".")
        place = self._doc
        for part in parts:
            if not isinstance(place.get(part), Mapping):
                place[part] = self._new()
            place = place[part]
        if is_tables(value) and is_tables(place.get(name)):
            self._set_tables(place[name], value)
        else:
            place[name] = self._value(value)

    def _set_tables(self, there: Any, tables: Any) -> None:
        for table in tables:
            same = next((one for one in there if flags(one) == flags(table)), None)
            if same is None:
                there.append(self._table(table, there))
                continue
            for name in [name for name in same if name not in table]:
                del same[name]
            for name, value in table.items():
                if same.get(name) != value:
                    same[name] = value

    def has_above(self, key: str) -> bool:
        """Whether what holds a key is there."""
        return self._holder(key)[0] is not None

    def _table(self, table: Any, among: Any = None) -> Any:  # noqa: ARG002 (TOML has two kinds of table)
        return self._filled(self._new(), table)

    def _filled(self, made: Any, table: Any) -> Any:
        for name, value in table.items():
            made[name] = value
        return made

    def _value(self, value: Any) -> Any:
        return value

    def remove(self, key: str, value: Any = None, *, keep: bool = False) -> None:
        """Take a key out, and what holds it where nothing else is in it, unless it is to be kept."""
        place, name = self._holder(key)
        if place is None or name not in place:
            return
        there = place[name]
        if is_tables(value) and is_tables(there):
            meant = [flags(table) for table in value]
            for at in reversed([at for at, table in enumerate(there) if flags(table) in meant]):
                del there[at]
        if not is_tables(value) or not len(there):
            del place[name]
        parent = key.rpartition(".")[0]
        if parent and not len(place) and not keep:
            self.remove(parent)

    def data(self) -> Any:
        return _plain(self._doc)


def _plain(value: Any) -> Any:
    """Without the libraries' own types."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


class Toml(_Nested):
    """uv.toml."""

    def __init__(self, text: str):
        import tomlkit
        from tomlkit.exceptions import ParseError, TOMLKitError

        try:
            self._doc = tomlkit.parse(text)
        except ParseError as error:
            raise Unreadable(str(error).partition(" at line ")[0], error.line) from error
        except TOMLKitError as error:
            raise Unreadable(str(error), None) from error

    def _new(self) -> Any:
        import tomlkit

        return tomlkit.table()

    def _table(self, table: Any, among: Any = None) -> Any:
        import tomlkit

        inline = isinstance(among, tomlkit.items.Array)
        return self._filled(tomlkit.inline_table() if inline else tomlkit.table(), table)

    def _value(self, value: Any) -> Any:
        import tomlkit

        if not is_tables(value):
            return value
        array = tomlkit.aot()
        for table in value:
            array.append(self._table(table))
        return array

    def text(self) -> str:
        import tomlkit

        return tomlkit.dumps(self._doc)


class Yaml(_Nested):
    """.condarc."""

    def __init__(self, text: str):
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        self._yaml = YAML()
        self._yaml.preserve_quotes = True
        self._yaml.width = 1_000_000  # else long values are broken into lines
        if re.search(r"(?m)^\s+- ", text) and not re.search(r"(?m)^- ", text):
            self._yaml.indent(mapping=2, sequence=4, offset=2)
        try:
            self._doc = self._yaml.load(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise Unreadable(str(error.problem or error.context), mark.line + 1 if mark else None) from error
        except YAMLError as error:
            raise Unreadable(str(error).splitlines()[0], None) from error
        # A text of comments alone has no document; what is set then stands below them.
        self._above = text if self._doc is None else ""
        if self._doc is None:
            self._doc = self._new()
        if not isinstance(self._doc, Mapping):
            raise Unreadable("it holds no keys", 1)

    def _new(self) -> Any:
        from ruamel.yaml.comments import CommentedMap

        return CommentedMap()

    def text(self) -> str:
        above = self._above
        if not self._doc:
            return above
        out = io.StringIO()
        self._yaml.dump(self._doc, out)
        return above + ("\n" if above and not above.endswith("\n") else "") + out.getvalue()


FORMS: dict[str, type[Ini] | type[Toml] | type[Yaml]] = {"ini": Ini, "toml": Toml, "yaml": Yaml}
