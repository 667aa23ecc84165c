""".condarc for `merge`: comments, order, quotes and layout stay (ruamel.yaml)."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

from gpustrap.engine.merge_forms import Unreadable
from gpustrap.engine.merge_tree import Tree
from gpustrap.language import tr


class Yaml(Tree):
    """.condarc."""

    def __init__(self, text: str):
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        self._yaml = YAML()
        self._yaml.preserve_quotes = True
        self._yaml.width = 1_000_000  # else long values are broken into lines
        if re.search(r"(?m)^\s+- ", text) and not re.search(r"(?m)^- ", text):
            self._yaml.indent(sequence=4, offset=2)
        try:
            self._doc = self._yaml.load(text)
        except MarkedYAMLError as error:
            mark = error.problem_mark
            raise Unreadable(str(error.problem), mark.line + 1 if mark else None) from error
        except YAMLError as error:
            raise Unreadable(str(error).splitlines()[0], None) from error
        # A text of comments alone has no document; what is set then stands below them.
        self._above = text if self._doc is None else ""
        if self._doc is None:
            self._doc = self._new()
        if not isinstance(self._doc, Mapping):
            raise Unreadable(tr("it holds no keys"), 1)

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
