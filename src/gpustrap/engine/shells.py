"""What a variable is in each kind of shell, asked of the shells themselves. No value leaves the box: digests do."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from gpustrap.engine.shell_trace import Traced, traced
from gpustrap.engine.wire import BARE
from gpustrap.language import mark, tr
from gpustrap.resolve.box.shells import reads_for_commands
from gpustrap.resolve.box.survey import Survey

SERVICE = "for f in /etc/profile.d/gpustrap-*.sh; do [ -r $f ] && . $f; done; "
# Kind → what starts it. `env -i` because it must come from the shell's own files.
KINDS = {
    mark("an ssh command"): "sh -c {}",
    "a login shell": 'env -i HOME="$HOME" TERM=dumb bash -lc {}',
    "an interactive bash": 'env -i HOME="$HOME" TERM=dumb bash -ic {}',
    "a login sh": 'env -i HOME="$HOME" TERM=dumb PATH="$PATH" sh -lc {}',
    "an interactive zsh": 'env -i HOME="$HOME" TERM=dumb PATH="$PATH" zsh -ic {}',
    "fish": 'env -i HOME="$HOME" TERM=dumb PATH="$PATH" fish -c {}',
    "a service": 'env -i HOME="$HOME" PATH="$PATH" sh -c {}',
}
ALL = re.compile(r"gpustrap-values ([0-9a-f]{64})")
LINE = re.compile(r"gpustrap-value (\w+) ([0-9a-f]{64})")
FOUND = "gpustrap-found"
LACKS = "gpustrap-lacks it"
ENDS = mark("{kind} ends while it reads its start-up files, before it can run a command")


def kinds_on(survey: Survey) -> tuple[str, ...]:
    """The kinds of shell that this box has and that read a file of ours; zsh and fish where they are installed."""
    without = {kind for kind in KINDS if kind.rpartition(" ")[2] in {"zsh", "fish"} - set(survey.tools)}
    if not reads_for_commands(survey):
        without.add("an ssh command")
    return tuple(kind for kind in KINDS if kind not in without)


def assert_variables(
    host: Any, survey: Survey, kind: str, wanted: Mapping[str, str | SecretStr], unset: Sequence[str] = ()
) -> None:
    """Raise AssertionError with a sentence that names the variable, and who else sets it; never its value.

    `unset` are those that are to be of no value there: they would count before what the role has set.
    """
    values = {**dict.fromkeys(unset, ""), **wanted}
    said = digest_of_all(host, kind, values)
    if said == digest("".join(f"{plain(value)}\0" for value in values.values())):
        return
    found = digests(host, kind, values) if said else {}
    wrong = [name for name, value in values.items() if found.get(name) != digest(value)]
    if not wrong:
        return
    told = traced(host, survey, kind, wrong)
    if not found:
        raise AssertionError(told.ends or tr(ENDS, kind=tr(kind)))
    name = wrong[0]
    found_there = _found(found.get(name), unset=name in unset)
    sentence = tr("{name} {found} in {kind}", name=name, found=found_there, kind=tr(kind))
    raise AssertionError(sentence + _who(name, told, survey))


def _found(value: str | None, *, unset: bool) -> str:
    if unset:
        return tr("is set")
    return tr("is not set") if value in (None, digest("")) else tr("has another value")


def _who(name: str, told: Traced, survey: Survey) -> str:
    if name in told.fixed:
        return tr(
            "; {fixed} makes it readonly, so nothing after it can set it: take that away there", fixed=told.fixed[name]
        )
    if name in told.sets:
        return tr("; {sets} sets it after gpustrap: take it away there", sets=told.sets[name])
    others = [each.where for each in survey.configuration.setting((name,))]
    return tr("; {others} sets it too", others=others[0]) if others else ""


def assert_finds(host: Any, survey: Survey, kind: str, program: str, folder: str) -> None:
    """Raise AssertionError where such a shell does not find a program, with who takes its folder out of PATH."""
    there = f"[ -x {shlex.quote(f'{folder}/{program}')} ] || echo {LACKS}"
    said = _run(host, kind, f"command -v {shlex.quote(program)} >/dev/null; echo {FOUND} $?; {there}")
    if f"{FOUND} 0" in said.splitlines():
        return
    if LACKS in said.splitlines():
        raise AssertionError(
            tr("no {program} in {kind}, and none stands in {folder}", program=program, kind=tr(kind), folder=folder)
        )
    told = traced(host, survey, kind, ("PATH",), folder)
    if FOUND not in said:
        raise AssertionError(told.ends or tr(ENDS, kind=tr(kind)))
    place = told.sets.get("PATH")
    who = (
        tr("{place} sets PATH without {folder}: add it there", place=place, folder=folder)
        if place
        else tr("PATH is without {folder} there", folder=folder)
    )
    raise AssertionError(
        tr(
            "no {program} in {kind}, and one stands in {folder}: {who}",
            program=program,
            kind=tr(kind),
            folder=folder,
            who=who,
        )
    )


def digest_of_all(host: Any, kind: str, names: Iterable[str]) -> str:
    """SHA-256 of what these variables are in such a shell, each with a NUL behind it: one process, not one for each."""
    values = " ".join(f'"${{{name}-}}"' for name in names)
    said = ALL.findall(_run(host, kind, f"printf 'gpustrap-values '; printf '%s\\0' {values} | sha256sum; "))
    return said[-1] if said else ""


def digests(host: Any, kind: str, names: Iterable[str]) -> dict[str, str]:
    """Name → SHA-256 of its value in such a shell. What the shell prints besides is passed over."""
    look = "".join(f'printf "gpustrap-value {name} "; printf %s "${{{name}-}}" | sha256sum; ' for name in names)
    return dict(LINE.findall(_run(host, kind, look)))


def _run(host: Any, kind: str, look: str) -> str:
    # Its PATH may lead nowhere: that is no reason to take its variables for unset.
    path = "PATH=${PATH:+$PATH:}/usr/bin:/bin; "
    inner = f"exec /bin/sh -c {shlex.quote(BARE + path + look)}"
    command = KINDS[kind].format(shlex.quote((SERVICE if kind == "a service" else "") + inner))
    # Only our lines travel: start-up files may print some MB.
    return str(host.run(f"{{ {command}; }} 2>/dev/null </dev/null | grep -a -o 'gpustrap-[a-z]* .*'").stdout)


def digest(value: str | SecretStr) -> str:
    """SHA-256 of a value, in hexadecimal."""
    return hashlib.sha256(plain(value).encode()).hexdigest()


def plain(value: str | SecretStr) -> str:
    """The value itself, which no message may show."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def masked(text: str) -> str:
    """A client's answer for a person: without what stands before the @ of a URL, and not more than a line of it."""
    lines = text.strip().splitlines() or ["nothing"]
    return re.sub(r"//[^/@\s]*@", "//***@", lines[0])[:200]
