from __future__ import annotations

import pytest
import typer

from gpustrap.cli import exit
from gpustrap.errors import BadInput, Fault, InstanceFailed

INTERNAL = "gpustrap: internal error: ZeroDivisionError: a defect\nhint: `gpustrap --debug …` shows where\n"
FAILED = InstanceFailed("no answer", role="base", operation="packages", hint="wait")


def run(error: BaseException, *words: str) -> int:
    app = typer.Typer()

    @app.callback()
    def options(debug: bool = False) -> None: ...

    @app.command()
    def verb() -> None:
        raise error

    return exit.run(app, [*words, "verb"])


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (typer.Exit(0), 0, ""),
        (typer.Exit(3), 3, ""),
        (BadInput(Fault("a"), Fault("b", hint="c")), 2, "a\nb\nhint: c\n"),
        (FAILED, 1, "base | packages: no answer\nhint: wait\n"),
        (ZeroDivisionError("a defect"), 1, INTERNAL),
        (KeyboardInterrupt(), 130, "stopped; the same command goes on from here\n"),
    ],
)
def test_each_end_has_its_code_and_its_sentence(error, code, said, capsys):
    assert run(error) == code
    assert capsys.readouterr() == ("", said)


@pytest.mark.parametrize(
    ("error", "code", "said"), [(FAILED, 1, str(FAILED)), (ZeroDivisionError("a defect"), 1, INTERNAL)]
)
def test_debug_shows_the_traceback_before_the_sentence(error, code, said, capsys):
    assert run(error, "--debug") == code
    shown = capsys.readouterr().err
    assert shown.startswith("Traceback (most recent call last):\n")
    assert shown.rstrip().endswith(said.rstrip())
