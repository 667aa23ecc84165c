"""A file that holds a tree of tables, as TOML and YAML do, for `merge`: a dotted key is a way through it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def flags(table: Any) -> frozenset[str]:
    """What tells a table of a list from the others: the names of its values that are true."""
    return frozenset(name for name, value in table.items() if value is True)


def is_tables(value: Any) -> bool:
    """Whether this is a list of tables."""
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(one, Mapping) for one in value)


class Tree:
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
        found: Any = None if place is None else _plain(place.get(name))
        if not is_tables(like) or not is_tables(found):
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
        if not len(place) and not keep:
            self.remove(key.rpartition(".")[0])

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
