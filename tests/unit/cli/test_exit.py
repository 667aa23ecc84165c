from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
import typer

from gpustrap.cli import exit, output
from gpustrap.errors import BadInput, Fault, InstanceFailed
from gpustrap.inventory.masking import remember

INTERNAL = "gpustrap: internal error: ZeroDivisionError: a defect\nhint: `gpustrap --debug …` shows where\n"
FAILED = InstanceFailed("no answer", role="base", operation="packages", hint="wait")


def run(error: BaseException, *words: str) -> int:
    app = typer.Typer()

    @app.callback()
    def options(debug: bool = False, json: bool = False) -> None: ...

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


def test_what_fails_over_ctrl_c_is_ctrl_c(capsys):
    """As gevent's lock does where Ctrl-C comes while it takes the place of Python's."""
    try:
        try:
            raise KeyboardInterrupt
        finally:
            raise RuntimeError("cannot release un-acquired lock")
    except RuntimeError as error:
        assert run(error) == 130
    assert capsys.readouterr().err == "stopped; the same command goes on from here\n"


@pytest.mark.parametrize(
    ("error", "code", "said"), [(FAILED, 1, str(FAILED)), (ZeroDivisionError("a defect"), 1, INTERNAL)]
)
def test_debug_shows_the_traceback_before_the_sentence(error, code, said, capsys):
    assert run(error, "--debug") == code
    shown = capsys.readouterr().err
    assert shown.startswith("Traceback (most recent call last):\n")
    assert shown.rstrip().endswith(said.rstrip())


@pytest.mark.parametrize(
    ("error", "code", "faults"),
    [
        (BadInput(Fault("a", "f", 3, "k", "n", "h"), Fault("b")), 2,
         [("f", 3, "k", "a", "n", "h"), (None, None, None, "b", None, None)]),
        (FAILED, 1, [(None, None, "base | packages", "no answer", None, "wait")]),
        (ZeroDivisionError("a defect"), 1,
         [(None, None, None, "gpustrap: internal error: ZeroDivisionError: a defect", None,
           "`gpustrap --debug …` shows where")]),
        (KeyboardInterrupt(), 130, [(None, None, None, "stopped; the same command goes on from here", None, None)]),
    ],
)  # fmt: skip
def test_with_json_each_end_is_an_object(error, code, faults, capsys):
    assert run(error, "--json") == code
    names = ("file", "line", "key", "message", "nearest", "hint")
    assert json.loads(capsys.readouterr().out) == {"error": [dict(zip(names, fault, strict=True)) for fault in faults]}


def test_an_object_that_is_printed_stays_the_only_one(capsys):
    def verb(*_: object, **__: object) -> None:
        output.print_json({"instances": {}})
        raise FAILED

    assert exit.run(verb, ["inspect", "--json"]) == 1
    assert capsys.readouterr() == ('{"instances": {}}\n', "base | packages: no answer\nhint: wait\n")


@pytest.mark.parametrize("words", [[], ["--json"], ["--debug"], ["--debug", "--json"]])
@pytest.mark.parametrize("wrap", [ValueError, lambda text: BadInput(Fault(text, hint=text)), InstanceFailed])
def test_no_end_shows_a_secret(words, wrap, capsys):
    remember("canary-5")
    run(wrap("it said http://me:canary-5@h and Y2FuYXJ5LTU= \x1b[31m"), *words)
    out, err = capsys.readouterr()
    assert "***" in err
    assert not re.search("canary-5|Y2FuYXJ5LTU|\x1b", out + err)


def test_a_folder_that_has_gone_is_a_sentence(tmp_path, monkeypatch, capsys):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert run(FileNotFoundError(2, "No such file or directory")) == 1
    assert capsys.readouterr().err == (
        "the folder that this was started in is not there any more\nhint: change to another one, by `cd`\n"
    )


def test_a_file_that_cannot_be_used_is_named(capsys):
    assert run(PermissionError(13, "Permission denied", "inventory/hosts.yml")) == 1
    assert capsys.readouterr().err == "inventory/hosts.yml cannot be used: Permission denied\n"


@pytest.mark.parametrize("stream", ["2>/dev/full", "2>&-"])
def test_a_stderr_that_takes_nothing_ends_no_run(stream):
    words = "from gpustrap.cli import exit, output; exit.run(lambda *_, **__: (output.note('x' * 99999), output.say('data')), [])"
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -c "$1" {stream}', sys.executable, words], stdout=subprocess.PIPE, text=True
    )
    assert (done.returncode, done.stdout) == (0, "data\n")


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("up demo --debug -y", "--debug up demo -y"),
        ("--debug up", "--debug up"),
        ("up --debug --debug", "--debug up"),
        ("up demo", "up demo"),
        ("ssh demo --debug", "ssh demo --debug"),
        ("svc logs -- --debug", "svc logs -- --debug"),
        ("--debug ssh demo --debug", "--debug ssh demo --debug"),
    ],
)
def test_debug_is_taken_wherever_it_stands_but_not_among_words_of_others(typed, taken):
    assert exit._debug_first(typed.split()) == taken.split()
