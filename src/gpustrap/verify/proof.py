"""Proof that the roles' promises hold: each role's testinfra tests, run by pytest over the open connections."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import gevent
import pytest
import testinfra.host
from _pytest.fixtures import FixtureLookupError

from gpustrap import content
from gpustrap.errors import InstanceFailed, PartsBroken, Strangers, nearest
from gpustrap.inventory.masking import masked
from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.verify.backend import SessionBackend
from gpustrap.verify.ends import Ends
from gpustrap.verify.expected import of_assert
from gpustrap.verify.verdict import Broken, Skipped, Subject, Verdict

FIXTURES = ("host", "chosen", "survey", "context")
OPTIONS = (
    *("-c", os.devnull, "--noconftest", "--import-mode=importlib", "--assert=plain", "--capture=no"),
    *("-p", "no:terminal", "-p", "no:cacheprovider"),
    # Both run the garbage collector at the end, for a tenth of a second.
    *("-p", "no:unraisableexception", "-p", "no:threadexception"),
    # Only options that are not given here belong to these; each is imported and asked at every step otherwise.
    *(f"-pno:{name}" for name in ("doctest", "faulthandler", "junitxml", "pastebin", "setuponly", "setupplan")),
    # One verify.py that cannot be imported keeps no other from running.
    "--continue-on-collection-errors",
    *("-W", "error::pytest.PytestReturnNotNoneWarning"),
)


def verify(subjects: Sequence[Subject], project: Path) -> dict[str, Verdict]:
    """Run every role's tests on every instance that has the role. Instance → verdict."""
    backends = {
        subject.name: SessionBackend(subject.name, subject.connector, subject.remembered, subject.says)
        for subject in subjects
    }
    files = [str(path) for path in _files(subjects, project)]
    # By other settings more is asked: all of it at once, after the rehearsal.
    _each((backends[one.name] for one in subjects if one.same or one.connector.checked()), SessionBackend.prefetch)
    plugin, ended = _prove(files, subjects, backends, rehearsal=True)
    # What is new since the last proof was heard, and is asked in one exec an instance, all at the same time. Why a
    # promise is broken is told where each question is answered.
    unsure = [backend for name, backend in backends.items() if backend.is_unsure(plugin.verdicts[name])]
    if unsure:
        _each(unsure, SessionBackend.ask_rest)
        plugin, ended = _prove(files, subjects, backends)
    for name, backend in backends.items():
        plugin.verdicts[name].failed = backend.failed or ended
        backend.close()
    return plugin.verdicts


def _each(backends: Iterable[SessionBackend], step: Callable[[SessionBackend], None]) -> None:
    gevent.joinall([gevent.spawn(step, backend) for backend in backends], raise_error=True)


def _prove(
    files: list[str], subjects: Sequence[Subject], backends: dict[str, SessionBackend], *, rehearsal: bool = False
) -> tuple[_Plugin, InstanceFailed | None]:
    """Run the tests. In a rehearsal what is not known gets an empty answer, on which tests fail early."""
    for backend in backends.values():
        backend.rehearse(rehearsal)
    plugin = _Plugin(subjects, backends, files)
    return plugin, _run_pytest(files, plugin) if files else None


def _files(subjects: Iterable[Subject], project: Path) -> list[Path]:
    roles = dict.fromkeys(role for subject in subjects for role in subject.chosen)
    return [path for role in roles if (path := content.verify_file(project, role)) is not None]


def _run_pytest(files: list[str], plugin: _Plugin) -> InstanceFailed | None:
    """Run the tests of these files. What is returned says that the run was ended before all of them were."""
    _forget_modules(files)
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # other plugins cost time and print
    try:
        code = pytest.main(
            [*OPTIONS, "--rootdir", str(Path(files[0]).parents[2]), *files], plugins=[plugin, plugin.ends]
        )
    finally:
        if before is None:
            del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        else:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = before
    if plugin.ends.stopped:
        raise KeyboardInterrupt
    plugin.tell_untested()
    broke = code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
    return _ended(plugin.ends.file) if broke else None


def _ended(file: Path | None) -> InstanceFailed:
    role = _role(file) if file else None
    return InstanceFailed(
        tr("the proof was ended before all promises were tested"),
        role=role,
        operation="verify.py",
        hint=tr("does {file} end pytest?", file=f"roles/{role}/verify.py" if role else "verify.py"),
    )


def _forget_modules(files: Collection[str]) -> None:
    """Have them imported anew. pytest leaves one that failed in sys.modules, and takes it for whole the next time."""
    for name, module in list(sys.modules.items()):
        if getattr(module, "__dict__", {}).get("__file__") in files:
            del sys.modules[name]


class _Plugin:
    """Gives a role's tests `host` (testinfra's), `chosen`, `survey` and `context`; keeps what they find."""

    def __init__(self, subjects: Sequence[Subject], backends: dict[str, SessionBackend], files: Iterable[str]):
        self._files = {_role(Path(file)) for file in files}
        self._subjects = {subject.name: subject for subject in subjects}
        self._backends = backends
        self.verdicts = {subject.name: Verdict() for subject in subjects}
        self.ends = Ends()

    def tell_untested(self) -> None:
        """What was collected and did not run is not proved."""
        for item in self.ends.untested:
            for verdict in self._verdicts_of(item):
                verdict.broken.append(
                    Broken(_role(item.path), _promise(item.name), tr("not tested: the proof was ended before it"))
                )

    def pytest_runtest_setup(self) -> None:
        for backend in self._backends.values():
            backend.begin_test()

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "subject" in metafunc.fixturenames:
            role = _role(metafunc.definition.path)
            names = [name for name, subject in self._subjects.items() if role in subject.chosen]
            metafunc.parametrize("subject", names, indirect=True, scope="module")

    @pytest.fixture(scope="module")
    def subject(self, request: pytest.FixtureRequest) -> Subject:
        return self._subjects[request.param]

    @pytest.fixture(scope="module")
    def host(self, subject: Subject) -> Any:
        return testinfra.host.Host(self._backends[subject.name])

    @pytest.fixture(scope="module")
    def chosen(self, subject: Subject, request: pytest.FixtureRequest) -> Any:
        return subject.chosen[_role(request.path)]

    @pytest.fixture(scope="module")
    def survey(self, subject: Subject) -> Survey:
        return subject.survey

    @pytest.fixture(scope="module")
    def context(self, subject: Subject) -> Context:
        return subject.context

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        if call.excinfo:
            for backend in self._backends.values():
                backend.end_test()
        outcome = yield
        report: pytest.TestReport = outcome.get_result()
        for verdict in self._verdicts_of(item):
            if report.failed:
                by_others = call.excinfo is not None and call.excinfo.errisinstance(Strangers)
                broken = Broken(_role(item.path), tr(_promise(item.name)), _why(call), _parts(call), by_others)
                verdict.broken.append(broken)
            elif report.skipped and _is_own(item.path):
                verdict.skipped.append(Skipped(_role(item.path), tr(_promise(item.name)), _reason(report)))
            elif report.passed and report.when == "call":
                verdict.passed += 1
                verdict.held.append(f"{_role(item.path)} | {tr(_promise(item.name))}")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        tested = {_role(item.path) for item in session.items}
        for name, verdict in self.verdicts.items():
            told = {one.role for one in verdict.broken} | {one.role for one in verdict.skipped}
            verdict.empty = [
                role for role in self._subjects[name].chosen if role in self._files and role not in tested | told
            ]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            role = _role(Path(report.nodeid))
            broken = Broken(role, Path(report.nodeid).name, _first_lines(masked(report.longreprtext)))
            for verdict in self._having(role):
                verdict.broken.append(broken)
        elif report.skipped:
            role = _role(Path(report.nodeid))
            for verdict in self._having(role):
                verdict.skipped.append(Skipped(role, Path(report.nodeid).name, _reason(report)))

    def _verdicts_of(self, item: pytest.Item) -> list[Verdict]:
        """That of the instance a test is about; of all that have the role where it names none."""
        callspec = getattr(item, "callspec", None)
        name = callspec.params.get("subject") if callspec else None
        return self._having(_role(item.path)) if name is None else [self.verdicts[name]]

    def _having(self, role: str) -> list[Verdict]:
        return [self.verdicts[name] for name, subject in self._subjects.items() if role in subject.chosen]


def _role(path: Path) -> str:
    return path.parent.name


def _promise(test: str) -> str:
    """`test_git_uses_the_proxy[…]` → `git uses the proxy`"""
    return test.partition("[")[0].removeprefix("test_").replace("_", " ")


def _why(call: pytest.CallInfo[None]) -> str:
    """What the test says of it, without a secret. A bare `assert` says what it found, another exception its kind."""
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, PartsBroken):
        return masked(str(error))
    if isinstance(error, pytest.PytestReturnNotNoneWarning):
        return tr("the test returns a value, which nothing looks at: `assert` is meant where `return` stands")
    if isinstance(error, FixtureLookupError) and error.argname:
        near = nearest(error.argname, FIXTURES)
        told = tr("a check takes host, chosen, survey and context; found '{name}'", name=error.argname)
        return told + (tr("; nearest: '{nearest}'", nearest=near) if near else "")
    if error is None or isinstance(error, AssertionError | pytest.fail.Exception):
        # testinfra's own words where a command ends with an error; what the command said stands behind them.
        text = re.sub(r"^Unexpected exit code \d+ for ", "", masked(str(error or "")))
        return _first_lines(text or of_assert(call.excinfo.tb if call.excinfo else None)) or tr("does not hold")
    # A KeyError shows its key escaped, and a secret that was quoted before is known in no such form.
    error.args = tuple(masked(arg) if isinstance(arg, str) else arg for arg in error.args)
    return _first_lines(masked(f"{type(error).__name__}: {error}"))


def _parts(call: pytest.CallInfo[None]) -> tuple[str, ...]:
    error = call.excinfo.value if call.excinfo else None
    return error.parts if isinstance(error, PartsBroken) else ()


def _is_own(file: Path) -> bool:
    """The built-in roles skip what they promise nothing about, which is often much."""
    return not file.is_relative_to(content.builtin_root())


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why it was skipped, or why it was to fail."""
    if not isinstance(report.longrepr, tuple):
        return _first_lines(masked(getattr(report, "wasxfail", "").removeprefix("reason: "))) or "xfail"
    return _first_lines(masked(report.longrepr[2].removeprefix("Skipped: ").removeprefix("Skipped")))


def _first_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[:12])
