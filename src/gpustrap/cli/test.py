"""`gpustrap test`: every check of the checkout, one after the other."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from gpustrap.errors import BadInput, Fault

# What follows is pytest's, its options too.
AS_TYPED = {"ignore_unknown_options": True, "allow_interspersed_args": False}

LOCK = "requirements.lock"
COMPILE = (
    "pip compile pyproject.toml --extra test --generate-hashes --universal --python-version 3.11 --no-header -q".split()
)
FAILED = 1  # pytest's exit code where tests have failed; another is a fault of the run itself
MOST_AGAIN = 5  # after so many that fail again the rest needs no proof
ONCE_MORE = ("--last-failed", "--last-failed-no-failures", "none", "--maxfail", str(MOST_AGAIN))
# uv's words when an index does not answer and when UV_OFFLINE keeps it from asking (0.9).
UNREACHABLE = ("Failed to fetch", "network was disabled")

Arguments = Annotated[list[str] | None, typer.Argument(metavar="ARGUMENT", help="Of pytest, which then runs alone.")]


def test(arguments: Arguments = None) -> None:
    """Run every check of the checkout.

    These are ruff, mypy, whether the lock file is fresh, then the tests, those in lab containers last: of these, one
    that fails among the others is run once more, alone, and that is shown. Paths in pytest's arguments are those of
    the checkout. Exit code: 0 all is well · 1 something is not.
    """
    root = checkout()
    if arguments:
        raise typer.Exit(_run(root, "pytest", *arguments))
    failed: list[str] = []
    with lab_made_ahead(root) as say_why, tests_read_ahead(root):
        for title, check in _checks(root, say_why):
            print(f"== {title}" + (f" (failed so far: {', '.join(failed)})" if failed else ""), flush=True)
            if not check():
                failed.append(title)
    raise typer.Exit(1 if failed else 0)


def checkout() -> Path:
    """The checkout that gpustrap runs from. Raises BadInput elsewhere, and where the tools are missing."""
    from importlib.util import find_spec

    from gpustrap import content

    root = content.builtin_root()
    if not (root / "pyproject.toml").is_file():
        raise BadInput(
            Fault(
                "the tests are in a checkout of gpustrap, and this is an installed package",
                hint="clone the project and run `./gpustrap test` there",
            )
        )
    missing = [tool for tool in ("ruff", "mypy", "pytest", "xdist") if find_spec(tool) is None]
    if missing:
        hint = "`./gpustrap test` in the checkout installs it"
        raise BadInput(Fault(f"not installed: {', '.join(missing)}", hint=hint))
    return root


@contextmanager
def lab_made_ahead(root: Path) -> Iterator[Callable[[], None]]:
    """Beside the checks the lab's images are made, which takes minutes on a new machine.

    Gives what says why that has failed, where it has. The process ends with the block.
    """
    with tempfile.TemporaryFile("w+") as said:
        words = [sys.executable, "-m", "gpustrap.lab.prepare"]
        with subprocess.Popen(words, cwd=root, stdin=subprocess.DEVNULL, stdout=said, stderr=said) as making:

            def say_why() -> None:
                if making.poll():
                    said.seek(0)
                    print(said.read(), end="", flush=True)

            try:
                yield say_why
            finally:
                making.terminate()


@contextmanager
def tests_read_ahead(root: Path) -> Iterator[None]:
    """Beside the checks that need one core the tests are compiled, once, where each of their workers would do so."""
    words = [sys.executable, "-m", "pytest", "-q", "--collect-only", *_without_lab(root)]
    silent = subprocess.DEVNULL
    with subprocess.Popen(words, cwd=root, stdin=silent, stdout=silent, stderr=silent, env=_environment()) as reading:
        try:
            yield
        finally:
            reading.terminate()


def _without_lab(root: Path) -> list[str]:
    return [name for name in ("tests/unit", "tests/catalog", "tests/operations") if (root / name).is_dir()]


def _checks(root: Path, say_why: Callable[[], None]) -> list[tuple[str, Callable[[], bool]]]:
    """What is checked, in this order: pytest's own summary is the last line."""
    # Many tests wait, for a limit of time or for a server: more workers than cores, and none is left with a long rest.
    workers = ("-q", "-n", "6", "--dist", "worksteal")
    return [
        ("ruff", lambda: _run(root, "ruff", "check", "--quiet", "--output-format", "concise") == 0),
        ("ruff format", lambda: _run(root, "ruff", "format", "--quiet", "--check") == 0),
        ("mypy", lambda: _run(root, "mypy") == 0),
        (LOCK, partial(lock_is_fresh, root)),
        ("tests without the lab", lambda: _run(root, "pytest", *workers, *_without_lab(root)) == 0),
        ("tests in lab containers", partial(_lab_tests, root, workers, say_why)),
    ]


def lock_is_fresh(root: Path) -> bool:
    """Whether uv makes the same lock file from pyproject.toml. An index that does not answer is no fault."""
    before = (root / LOCK).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder) / LOCK
        compiled.write_bytes(before)  # uv keeps the versions that it finds there
        done = subprocess.run(
            [sys.executable, "-m", "uv", *COMPILE, "-o", str(compiled)],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        after = compiled.read_bytes()
    if done.returncode:
        unreachable = any(words in done.stderr for words in UNREACHABLE)
        print("not checked, no package index answers" if unreachable else done.stderr.strip())
        return unreachable
    if after != before:
        print(f"{LOCK} is not what pyproject.toml asks for; renew it: uv {' '.join(COMPILE)} -o {LOCK}")
    return after == before


def _lab_tests(root: Path, workers: Sequence[str], say_why: Callable[[], None]) -> bool:
    say_why()  # each test that needs what could not be made says so too, and fails
    code = _run(root, "pytest", *workers, "tests/lab")
    return code == 0 or (code == FAILED and _again(root))


def _again(root: Path) -> bool:
    """What failed, once more and with nothing beside it: what is wrong fails again, a podman that hung does not.

    Both runs are shown.
    """
    print("== what failed in lab containers, once more and alone", flush=True)
    return _run(root, "pytest", "-q", *ONCE_MORE, "tests/lab") == 0


def _run(root: Path, tool: str, *arguments: str) -> int:
    words = [sys.executable, "-m", tool, *arguments]
    return subprocess.run(words, cwd=root, env=_environment(), check=False).returncode


def _environment() -> dict[str, str]:
    """Where an image sets this variable, each of some thousand processes would compile the whole of gpustrap anew."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
