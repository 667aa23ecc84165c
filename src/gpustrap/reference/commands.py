"""Makes docs/cli.md: a section for every visible verb, read from typer's command tree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gpustrap.errors import INTERRUPTED, BadInput, InstanceFailed
from gpustrap.reference.markdown import anchor, code, page, paragraphs, table, text

# typer gives its commands and parameters no public type: they are click's before 0.25, its own since.
Command = Any
Parameter = Any

CODES = (
    (0, "fine; for `plan`: nothing to do"),
    (InstanceFailed.exit_code, "an instance failed, or a check does not hold"),
    (BadInput.exit_code, "bad input, nothing was touched"),
    (3, "`plan` only: changes are pending"),
    (INTERRUPTED, "stopped by Ctrl-C; the same command goes on from there"),
)
INTRO = """\
`gpustrap VERB --help` shows the same. In a checkout it is `./gpustrap`. With `--json` a verb prints exactly one JSON
object on stdout, and all else goes to stderr; when it cannot do its work, that object is `{"error": [...]}` with
`file`, `line`, `key`, `message`, `nearest` and `hint` for each thing that is wrong. Without a terminal nothing ever
asks."""
CODES_INTRO = "These are the codes of every verb whose own section does not list others:"


def commands_page(app: Command) -> str:
    """The page for typer's command `app`, in the order of its help."""
    verbs = [*_visible(app, "gpustrap")]
    overview = [(f"[{code(name)}](#{anchor(name)})", _first_sentence(verb)) for name, verb in verbs]
    return page(
        "# Command line",
        INTRO,
        table(("verb", "does"), overview),
        "## Options before the verb",
        _parameters(app),
        "## Exit codes",
        CODES_INTRO,
        table(("code", "means"), [(str(number), meaning) for number, meaning in CODES]),
        *(section for name, verb in verbs for section in _section(name, verb, 2)),
    )


def _visible(group: Command, prefix: str) -> Iterator[tuple[str, Command]]:
    commands: Mapping[str, Command] = group.commands
    return ((f"{prefix} {name}", command) for name, command in commands.items() if not command.hidden)


def _section(name: str, verb: Command, level: int) -> Iterator[str]:
    """A heading and what stands under it; the verbs of a group follow, one level below."""
    about, codes = _help(verb)
    yield f"{'#' * level} {name}"
    yield paragraphs(about)
    if not hasattr(verb, "commands"):
        yield f"```console\n{_usage(name, verb)}\n```"
        yield _parameters(verb)
    if codes:
        yield paragraphs(f"Exit code: {codes}.")
    if examples := _examples(verb):
        yield "```console\n" + "\n".join(f"$ {example}" for example in examples) + "\n```"
    if hasattr(verb, "commands"):
        for inner, command in _visible(verb, name):
            yield from _section(inner, command, level + 1)


def _help(verb: Command) -> tuple[str, str]:
    """A verb's help in whole paragraphs, and what it says of its exit code, without the full stop."""
    paragraphs = [" ".join(part.split()) for part in (verb.help or "").split("\n\n")]
    about, _, codes = "\n\n".join(paragraphs).partition("Exit code: ")
    return about.strip(), codes.strip().rstrip(".")


def _first_sentence(verb: Command) -> str:
    return text(re.split(r"(?<=[.])\s", _help(verb)[0])[0].rstrip("."))


def _examples(verb: Command) -> list[str]:
    words = (verb.epilog or "").removeprefix("Example: ")
    return [example for example in words.split(" · ") if example]


def _usage(name: str, verb: Command) -> str:
    options = ["[OPTIONS]"] if any(map(_is_option, verb.params)) else []
    return " ".join([name, *options, *map(_argument, _arguments(verb))])


def _argument(parameter: Parameter) -> str:
    shown = _value(parameter) if parameter.required else f"[{_value(parameter)}]"
    if " " in _value(parameter):  # several words by their own names, `[INSTANCE] NAME`: all that there are
        return shown
    return f"{shown}..." if parameter.nargs != 1 else shown


def _value(parameter: Parameter) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _arguments(verb: Command) -> list[Parameter]:
    return [one for one in verb.params if not _is_option(one)]


def _is_option(parameter: Parameter) -> bool:
    return bool(parameter.opts[0].startswith("-"))


def _parameters(verb: Command) -> str:
    """The table of a verb's arguments and options, arguments first; empty where it takes none."""
    shown: Sequence[Parameter] = [one for one in verb.params if not one.hidden]
    ordered = sorted(shown, key=_is_option)
    rows = [(_names(one), _meaning(one)) for one in ordered]
    return table(("argument or option", "means"), rows) if rows else ""


def _names(parameter: Parameter) -> str:
    if not _is_option(parameter):
        return code(_value(parameter))
    value = "" if parameter.is_flag else f" {_value(parameter)}"
    names = sorted((*parameter.opts, *parameter.secondary_opts), key=len)
    return ", ".join(code(f"{name}{value}") for name in names)


def _meaning(parameter: Parameter) -> str:
    """Its help, and its default where the help does not tell it."""
    about = parameter.help or ""
    default = parameter.default
    if default in (None, False, ()) or "efault:" in about:
        return text(about)
    return f"{text(about)} Default: {code(str(default))}."
