from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from awaiting import awaited
from gpustrap import content
from gpustrap.cli import exit, test
from gpustrap.cli.main import app

# Stands for `python -m TOOL …`: notes its words, says what FAIL names, writes NEW behind uv's -o.
PYTHON = """\
#!/bin/sh
echo "$2" >>"$CALLS"
shift
[ "$1" = uv ] && for last; do :; done && printf '%s' "$NEW" >"$last"
case " $FAIL " in *" $1 "*) echo "$SAYS" >&2; exit 1;; esac
echo "$* ran"
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which every tool does as FAIL, SAYS and NEW tell; with none of them all is well."""
    root, python = tmp_path / "checkout", tmp_path / "python"
    for folder in ("tests/unit", "tests/catalog", "tests/operations"):
        (root / folder).mkdir(parents=True)
    (root / "pyproject.toml").touch()
    (root / "requirements.lock").write_text("locked")
    python.write_text(PYTHON)
    python.chmod(0o755)
    monkeypatch.setattr(content, "builtin_root", lambda: root)
    monkeypatch.setattr(sys, "executable", str(python))
    for name, value in (("FAIL", ""), ("SAYS", ""), ("NEW", "locked"), ("CALLS", str(tmp_path / "calls"))):
        monkeypatch.setenv(name, value)
    return root


WELL = """\
== ruff
ruff check --quiet --output-format concise ran
== ruff format
ruff format --quiet --check ran
== mypy
mypy ran
== requirements.lock
== tests without the lab
pytest -q -n 6 --dist worksteal tests/unit tests/catalog tests/operations ran
== tests in lab containers
pytest -q -n 6 --dist worksteal tests/lab ran
"""


@pytest.mark.usefixtures("checkout")
def test_every_check_runs_in_order_and_pytest_has_the_last_word(capfd):
    assert exit.run(app, ["test"]) == 0
    assert capfd.readouterr() == (WELL, "")


@pytest.fixture
def lab_runs(checkout, monkeypatch):
    """`lab_runs(codes)`: pytest's runs on the lab's tests, which end with these codes, then with 0."""
    true = test._run

    def of(codes):
        runs = []

        def run(root, tool, *words):
            if words[-1:] != ("tests/lab",):
                return true(root, tool, *words)
            runs.append(words)
            return dict(enumerate(codes, 1)).get(len(runs), 0)

        monkeypatch.setattr(test, "_run", run)
        return runs

    return of


@pytest.mark.parametrize(("fails", "code"), [("1", 0), ("1 2", 1), ("2", 0)])
def test_lab_tests_that_fail_are_run_once_more_alone_and_that_is_shown(lab_runs, capfd, fails, code):
    """Which of pytest's runs on the lab's tests fail is told by `fails`."""
    runs = lab_runs([int(at in fails.split()) for at in "12"])
    assert exit.run(app, ["test"]) == code
    again = "1" in fails.split()
    assert ("== what failed in lab containers, once more and alone\n" in capfd.readouterr().out) == again
    assert len(runs) == 1 + again and ("--last-failed" in runs[-1]) == again


def test_a_run_that_is_broken_itself_is_not_run_again(lab_runs):
    runs = lab_runs([2, 2])
    assert (exit.run(app, ["test"]), len(runs)) == (1, 1)


@pytest.mark.usefixtures("checkout")
def test_a_check_that_fails_stops_no_other_and_is_named_in_the_next_headings(capfd, monkeypatch):
    monkeypatch.setenv("FAIL", "ruff mypy")
    monkeypatch.setenv("SAYS", "not so")
    assert exit.run(app, ["test"]) == 1
    silent = ("ruff check --quiet --output-format concise", "ruff format --quiet --check", "mypy")
    shown = WELL
    for failing in silent:
        shown = shown.replace(f"{failing} ran\n", "")
    shown = shown.replace("== ruff format", "== ruff format (failed so far: ruff)")
    shown = shown.replace("== mypy", "== mypy (failed so far: ruff, ruff format)")
    for title in ("requirements.lock", "tests without the lab", "tests in lab containers"):
        shown = shown.replace(f"== {title}", f"== {title} (failed so far: ruff, ruff format, mypy)")
    assert capfd.readouterr() == (shown, "not so\nnot so\nnot so\n")


def test_a_lab_that_cannot_be_made_is_said_and_its_tests_fail_by_themselves(checkout, capfd, monkeypatch):
    monkeypatch.setenv("FAIL", "gpustrap.lab.prepare")
    monkeypatch.setenv("SAYS", "apt-get update: no network")
    with test.lab_made_ahead(checkout) as say_why:
        assert awaited(lambda: (say_why(), capfd.readouterr().out)[1]) == "apt-get update: no network\n"


@pytest.mark.parametrize("ends", ["well", "by an error"])
def test_the_lab_is_made_no_longer_than_the_checks_run(checkout, ends):
    Path(sys.executable).write_text("#!/bin/sh\nexec sleep 600\n")
    with suppress(ZeroDivisionError), test.lab_made_ahead(checkout) as say_why:
        say_why()
        assert ends == "well" or 1 / 0


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("words", [["tests/unit", "-k", "json"], ["-x"], ["--", "-x"]])
def test_with_arguments_pytest_alone_runs_with_them(words, capfd, monkeypatch):
    assert exit.run(app, ["test", *words]) == 0
    assert capfd.readouterr().out == f"pytest {' '.join(word for word in words if word != '--')} ran\n"
    monkeypatch.setenv("FAIL", "pytest")
    assert exit.run(app, ["test", *words]) == 1


@pytest.mark.parametrize(
    ("fail", "says", "new", "fresh", "printed"),
    [
        ("", "", "locked", True, ""),
        (
            "",
            "",
            "other",
            False,
            "requirements.lock is not what pyproject.toml asks for; renew it: uv pip compile pyproject.toml --extra test"
            " --generate-hashes --universal --python-version 3.11 --no-header -q -o requirements.lock\n",
        ),
        (
            "uv",
            "error: Request failed after 3 retries in 3.8s\n  cause: Failed to fetch: http://mirror.invalid/simple/",
            "locked",
            True,
            "not checked, no package index answers\n",
        ),
        (
            "uv",
            "hint: Packages were unavailable because the network was disabled.",
            "locked",
            True,
            "not checked, no package index answers\n",
        ),
        ("uv", "error: No solution found", "locked", False, "error: No solution found\n"),
    ],
)
def test_the_lock_is_fresh_when_uv_makes_the_same(checkout, capsys, monkeypatch, fail, says, new, fresh, printed):
    for name, value in (("FAIL", fail), ("SAYS", says), ("NEW", new)):
        monkeypatch.setenv(name, value)
    assert test.lock_is_fresh(checkout) is fresh
    assert capsys.readouterr().out == printed
    assert (checkout / "requirements.lock").read_text() == "locked"


def test_an_installed_package_has_no_tests_to_run(checkout, capsys):
    (checkout / "pyproject.toml").unlink()
    assert exit.run(app, ["test"]) == 2
    assert capsys.readouterr() == (
        "",
        "the tests are in a checkout of gpustrap, and this is an installed package\n"
        "hint: clone the project and run `./gpustrap test` there\n",
    )


@pytest.mark.usefixtures("checkout")
def test_missing_tools_are_named(capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name in ("mypy", "xdist") else name)
    assert exit.run(app, ["test"]) == 2
    assert capsys.readouterr() == (
        "",
        "not installed: mypy, xdist\nhint: `./gpustrap test` in the checkout installs it\n",
    )


def test_what_uv_is_asked_is_what_uv_understands(tmp_path):
    words = [sys.executable, "-m", "uv", *test.COMPILE, "--offline", "--no-cache", "-o", str(tmp_path / "lock")]
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\n[project.optional-dependencies]\ntest = []\n'
    )
    assert subprocess.run(words, cwd=tmp_path, capture_output=True, text=True).returncode == 0
