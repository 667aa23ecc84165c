"""uv.toml for `merge`: comments, order and layout stay (tomlkit)."""

from __future__ import annotations

from typing import Any

from gpustrap.engine.merge_forms import Unreadable
from gpustrap.engine.merge_tree import Tree, is_tables


class Toml(Tree):
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
