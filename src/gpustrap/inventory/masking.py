"""What stands in place of a secret in all that leaves the process: `***`."""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Iterator
from functools import cache
from urllib.parse import quote, quote_plus, unquote, urlsplit

MASK = "***"
SHORT = 4  # characters; what is shorter is part of too many words, and is masked as a whole word only
LINE = 8  # characters of one line of a longer secret that tell something of it
# A password in any URL, whoever wrote it. `USER:PASSWORD` is how our own sentences show the form.
IN_A_URL = re.compile(r"(?<=://)(?!USER:PASSWORD@)([^\s/?#@:'\"]*):(?!\*\*\*@)([^\s/?#'\"]+)@")

_known: set[str] = set()


def remember(value: str) -> None:
    """From now on `masked` knows this secret."""
    if value.strip():
        _known.add(value)


def masked(text: str) -> str:
    """`text` with each secret that was read replaced by `***`, in whichever form it stands there.

    The forms are the value, its lines, the password of a URL, and each of these percent-encoded or decoded, quoted
    for a shell, escaped as JSON and Python do it, in hex and in base64, also inside of something longer. A secret
    of less than four characters is replaced as a whole word only. The password of any URL is replaced too.
    """
    found = _pattern(frozenset(_known)).sub(MASK, text) if _known else text
    return IN_A_URL.sub(rf"\1:{MASK}@", found) if "://" in found else found


@cache
def _pattern(values: frozenset[str]) -> re.Pattern[str]:
    """All forms of all values, longest first: a part of one that is masked must not hide the whole from us."""
    forms = {form for value in values for form in _forms(value)}
    return re.compile("|".join(map(_literally, sorted(forms, key=lambda form: (-len(form), form)))))


def _literally(form: str) -> str:
    return re.escape(form) if len(form) >= SHORT else rf"(?<!\w){re.escape(form)}(?!\w)"


def _forms(value: str) -> Iterator[str]:
    for part in filter(None, dict.fromkeys(_parts(value))):
        yield part
        if len(part) >= SHORT:
            yield from (form for form in _written(part) if len(form) >= SHORT)


def _parts(value: str) -> Iterator[str]:
    """What of a secret is secret by itself."""
    yield from (value, value.strip(), unquote(value))
    yield from (line.strip() for line in value.splitlines() if len(line.strip()) >= LINE)
    try:
        login = urlsplit(value)
    except ValueError:
        return
    if login.password:
        for decode in (str, unquote):
            yield decode(login.password)
            yield f"{decode(login.username or '')}:{decode(login.password)}"


def _written(part: str) -> Iterator[str]:
    """The ways in which programs write a text down."""
    for encoded in (quote(part, safe=""), quote(part), quote_plus(part)):
        yield encoded
        yield re.sub("%[0-9A-F]{2}", lambda hexed: hexed[0].lower(), encoded)
    yield shlex.quote(part).removeprefix("'").removesuffix("'")
    yield part.replace("'", r"'\''")
    yield part.replace("\\", r"\\").replace("'", r"\'")  # fish
    yield re.sub(r'([\\"$`])', r"\\\1", part)  # inside double quotes
    yield re.sub(r"([^\w@%+=:,./-])", r"\\\1", part)  # printf %q
    yield from (json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1])
    yield from (repr(part)[1:-1], ascii(part)[1:-1], repr(part.encode(errors="replace"))[2:-1])
    yield from (part.encode(errors="replace").hex(), part.encode(errors="replace").hex().upper())
    yield from _in_base64(part.encode(errors="replace"))


def _in_base64(data: bytes) -> Iterator[str]:
    """`data` in base64, and what of it is the same wherever it begins within three bytes of something longer."""
    yield base64.b64encode(data).decode()
    yield base64.urlsafe_b64encode(data).decode()
    for before in range(3):
        text = base64.b64encode(b"\0" * before + data).decode()
        whole = (before + len(data)) * 8 // 6  # characters that no later byte changes
        certain = text[(before * 8 + 5) // 6 : whole]
        yield from (certain, certain.translate({ord("+"): "-", ord("/"): "_"}))
