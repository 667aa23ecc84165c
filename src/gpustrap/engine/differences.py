"""What would change inside of a file, line by line as `diff -u` prints it. Nothing of a file that holds a secret."""

from __future__ import annotations

import difflib
import re

CONTEXT = 2  # lines around a change of a file that is ours


def unified(dest: str, before: bytes, after: bytes, *, context: int = CONTEXT) -> str:
    """The difference in one text, without a line's end at its own; empty for none."""
    old, new = (text.decode("utf-8", "replace").splitlines() for text in (before, after))
    return "\n".join(difflib.unified_diff(old, new, dest, dest, n=context, lineterm=""))


def block_in(text: bytes, begin: str, end: str) -> bytes:
    """The marked lines of `text` with their markers; empty where there are none."""
    marks = re.escape(begin.encode()), re.escape(end.encode())
    found = re.search(rb"^%b\n.*?^%b$\n?" % marks, text, re.MULTILINE | re.DOTALL)
    return found[0] if found else b""
