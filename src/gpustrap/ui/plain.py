"""Text on its way to a person: without secrets, and without anything that a terminal obeys."""

from __future__ import annotations

import re

from gpustrap.inventory.masking import masked

# ECMA-48: strings of the operating system and the like with all that they hold, up to their end or the line's;
# control sequences; all other escapes. Each begins with ESC or with the one character that means the same.
_STRING = r"(?:\x1b[P\]X^_]|[\x90\x9d\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
_SEQUENCE = r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
_ESCAPE = r"\x1b[ -/]*[0-~]?"
# C0 but tab and newline, DEL, C1; then what Unicode has to turn, hide or tag text (UAX #9, UTS #39).
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f]"
_TURNS = r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
_HIDES = r"[\u00ad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
_OBEYED = re.compile("|".join((_STRING, _SEQUENCE, _ESCAPE, _CONTROL, _TURNS, _HIDES)))
_OTHER_LINE_ENDS = re.compile("\r+\n|[\v\f\x85\u2028\u2029]")
_HALVES = re.compile("[\ud800-\udfff]")
_ONE_LINE = re.compile(r"\s*\n\s*")


def shown(text: object) -> str:
    """`text` as it may be seen: every secret masked, and only characters that stand still. Lines stay lines.

    A secret may hold characters that are taken out here, and one may have been put into it there.
    """
    return masked(plain(masked(str(text))))


def in_one_line(text: object) -> str:
    """As `shown`, for a place that takes one line: a space for each line's end but the last."""
    return _ONE_LINE.sub(" ", shown(text).rstrip())


def plain(text: str) -> str:
    """`text` without escape sequences, control characters and what turns or hides its neighbours.

    Of a line that was written over, as a progress bar is, what stood there last. Half of a surrogate pair,
    which no terminal can be sent, becomes U+FFFD.
    """
    lines = _OTHER_LINE_ENDS.sub("\n", text).split("\n")
    last = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
    return whole(_OBEYED.sub("", last))


def whole(text: str) -> str:
    """`text` with U+FFFD for each half of a surrogate pair."""
    return _HALVES.sub("\ufffd", text)
