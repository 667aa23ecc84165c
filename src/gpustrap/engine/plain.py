"""What an instance printed, without what a terminal would obey."""

from __future__ import annotations

import re

# Escape sequences with their words (ECMA-48: CSI and OSC), then single control characters.
CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|[\x00-\x1f\x7f-\x9f]")


def still(line: str) -> str:
    """One line with spaces for its tabs, and no control characters."""
    return CONTROL.sub("", line.replace("\t", "    "))
