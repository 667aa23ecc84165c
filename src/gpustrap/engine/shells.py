"""What a variable is in each kind of shell, asked of the shells themselves. No value leaves the box: digests do."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from gpustrap.resolve.box.shells import reads_for_commands
from gpustrap.resolve.box.survey import Survey

SERVICE = "for f in /etc/profile.d/gpustrap-*.sh; do [ -r $f ] && . $f; done; "
# Kind → what starts it. `env -i` because it must come from the shell's own files.
KINDS = {
    "an ssh command": "sh -c {}",
    "a login shell": 'env -i HOME="$HOME" TERM=dumb bash -lc {}',
    "an interactive bash": 'env -i HOME="$HOME" TERM=dumb bash -ic {}',
    "a login sh": 'env -i HOME="$HOME" TERM=dumb PATH="$PATH" sh -lc {}',
    "an interactive zsh": 'env -i HOME="$HOME" TERM=dumb PATH="$PATH" zsh -ic {}',
    "fish": 'env -i HOME="$HOME" TERM=dumb PATH="$PATH" fish -c {}',
    "a service": 'env -i HOME="$HOME" PATH="$PATH" sh -c {}',
}
LINE = re.compile(r"gpustrap-value (\w+) ([0-9a-f]{64})")


def kinds_on(survey: Survey) -> tuple[str, ...]:
    """The kinds of shell that this box has and that read a file of ours; zsh and fish where they are installed."""
    without = {kind for kind in KINDS if kind.rpartition(" ")[2] in {"zsh", "fish"} - set(survey.tools)}
    if not reads_for_commands(survey):
        without.add("an ssh command")
    return tuple(kind for kind in KINDS if kind not in without)


def assert_variables(host: Any, survey: Survey, kind: str, wanted: Mapping[str, str | SecretStr]) -> None:
    """Raise AssertionError with a sentence that names the variable, and who else sets it; never its value."""
    found = digests(host, kind, wanted)
    for name, value in wanted.items():
        if found.get(name) == digest(value):
            continue
        others = [each.where for each in survey.configuration.setting((name,))]
        found_it = "is not set" if found.get(name) in (None, digest("")) else "has another value"
        who = f"; {others[0]} sets it too" if others else ""
        raise AssertionError(f"{name} {found_it} in {kind}{who}")


def digests(host: Any, kind: str, names: Mapping[str, Any]) -> dict[str, str]:
    """Name → SHA-256 of its value in such a shell. What the shell prints besides is passed over."""
    look = "".join(f'printf "gpustrap-value {name} "; printf %s "${{{name}-}}" | sha256sum; ' for name in names)
    # Its PATH may lead nowhere: that is no reason to take its variables for unset.
    inner = f"exec /bin/sh -c {shlex.quote(f'PATH=${{PATH:+$PATH:}}/usr/bin:/bin; {look}')}"
    command = KINDS[kind].format(shlex.quote((SERVICE if kind == "a service" else "") + inner))
    said = host.run(f"{{ {command}; }} 2>/dev/null </dev/null").stdout
    return dict(LINE.findall(said))


def digest(value: str | SecretStr) -> str:
    """SHA-256 of a value, in hexadecimal."""
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value
    return hashlib.sha256(plain.encode()).hexdigest()


def masked(text: str) -> str:
    """A client's answer for a person: without what stands before the @ of a URL, and not more than a line of it."""
    lines = text.strip().splitlines() or ["nothing"]
    return re.sub(r"//[^/@\s]*@", "//***@", lines[0])[:200]
