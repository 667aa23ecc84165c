"""What a person's ~/.ssh/config says about a host, as far as it tells which machine that is.

Only reading: what connects asks OpenSSH's or paramiko's own reader. `Match` blocks but `Match all` are passed over.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

FOLDER = Path("~/.ssh")
DEPTH = 16  # of files that include each other, as in OpenSSH (readconf.c)


def settings_for(host: str) -> Mapping[str, str]:
    """Keyword in lower case → value, for the name that stands in an ssh command. The first value wins, as in ssh."""
    found: dict[str, str] = {}
    for keyword, value in _lines_for(host, FOLDER.expanduser() / "config", applies=True, depth=0):
        found.setdefault(keyword, value)
    return found


def _lines_for(host: str, file: Path, *, applies: bool, depth: int) -> Iterator[tuple[str, str]]:
    """The lines that are meant for `host`, those of included files in their place."""
    if depth > DEPTH:
        return
    inside = applies
    for keyword, words in _lines(file):
        if keyword == "host":
            inside = applies and _matches(host, words)
        elif keyword == "match":
            inside = applies and [word.lower() for word in words] == ["all"]
        elif inside and keyword == "include":
            for included in _included(words):
                yield from _lines_for(host, included, applies=True, depth=depth + 1)
        elif inside and words:
            yield keyword, " ".join(words)


def _lines(file: Path) -> Iterator[tuple[str, list[str]]]:
    """Each line as its keyword and its words; none of a file that cannot be read, or of a line that is no setting."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in text.splitlines():
        keyword, _, rest = line.strip().replace("=", " ", 1).replace("\t", " ").partition(" ")
        if keyword and not keyword.startswith("#"):
            try:
                yield keyword.lower(), shlex.split(rest, comments=True)
            except ValueError:  # a quotation that does not end
                continue


def _included(patterns: list[str]) -> Iterator[Path]:
    for pattern in patterns:
        wanted = FOLDER.expanduser() / Path(pattern).expanduser()
        yield from sorted(Path(wanted.anchor).glob(str(wanted.relative_to(wanted.anchor))))


def _matches(host: str, patterns: list[str]) -> bool:
    """As ssh matches `Host`: one pattern fits, and none that begins with `!` does."""
    fits = [pattern for pattern in patterns if fnmatchcase(host.lower(), pattern.lstrip("!").lower())]
    return bool(fits) and not any(pattern.startswith("!") for pattern in fits)
