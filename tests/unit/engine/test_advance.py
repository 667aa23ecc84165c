"""Operations in one request and one after the other, by this machine's own `sh`: the same is done, said and left."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gevent
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpustrap import content
from gpustrap.errors import InstanceFailed


@dataclass
class LocalBox:
    """Stands for a Wire: runs what it gets by `sh` in its folder.

    `cut`: before which answer of changes the connection goes, or in which, once its command was run. `lingers`: the
    first request of changes is answered, but never over.
    """

    folder: Path
    asked: list[str] = field(default_factory=list)
    alive: bool = True
    refuses_folders: bool = False
    cut: tuple[int, str] | None = None
    lingers: bool = False
    requests: int = 0  # of several changes
    busy: bool = False

    def run(self, command: str, **given: Any) -> Any:
        assert not self.busy, "some boxes allow one session"
        self.busy = True
        try:
            return self._run(command, **given)
        finally:
            self.busy = False

    def _run(self, command: str, *, stdin: bytes = b"", on_line: Any = None, takers: Any = None, **_: Any) -> Any:
        from gpustrap.engine.batch import Answer

        self.asked.append(command)
        self.requests += bool(takers)
        if self.refuses_folders:
            command = f"mktemp() {{ false; }}\n{command}"
        if self.cut is not None and takers:
            at, where = self.cut
            own = f"{where}() {{ [ $n != {at} ] || exit 1; "
            command = re.sub(rf"^{where}\(\) {{$", own, command, flags=re.MULTILINE)
        done = subprocess.run(["sh", "-c", command], input=stdin, capture_output=True, cwd=self.folder)
        gevent.sleep(0)
        for hear, data in zip(takers or (), (done.stdout, done.stderr), strict=False):
            hear(data)
        gevent.sleep(0)
        if self.cut is not None and takers and done.returncode == 1:
            self.alive = False
            raise InstanceFailed("the connection was lost")
        if self.lingers and takers:
            self.lingers = False
            gevent.sleep(3600)
        for line in (done.stdout + done.stderr).decode().splitlines() if on_line else ():
            on_line(line)
        return Answer(done.returncode, *((b"", b"") if takers else (done.stdout, done.stderr)))

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class Act:
    """An operation: unless `reads` holds `wanted`, it puts that into `writes`. A folder there makes it fail."""

    reads: str
    writes: str
    wanted: str
    by_stdin: bool = False
    says: bool = True  # that it goes by its facts
    late: bool = False  # it asks again after its first command
    part: str = ""  # whose failure is its own, and of nothing else
    idle: bool = False  # it asks nothing and does nothing
    asks: bool = True


def operation_of(act: Act) -> Callable[..., Any]:
    from pyinfra import host
    from pyinfra.api import FactBase, StringCommand, operation

    from gpustrap.engine.by_facts import by_facts
    from gpustrap.engine.notes import note

    class Holds(FactBase):  # type: ignore[type-arg]
        def command(self, file: str) -> str:
            return f"cat {file} 2>/dev/null; echo"

        def process(self, output: list[str]) -> str:
            return output[0]

    def acts() -> Iterator[Any]:
        if act.idle:
            host.noop("nothing to do")
            return
        there = host.get_fact(Holds, file=act.reads) if act.asks else ""
        if there == act.wanted:
            host.noop("as wanted")
            return
        note(f"{there} -> {act.wanted}")
        if act.by_stdin:
            yield StringCommand(f"cat >{act.writes}", _stdin=act.wanted)
        else:
            yield StringCommand(f"printf %s {act.wanted} >{act.writes} && echo wrote")
        if act.late and host.get_fact(Holds, file=act.reads) != act.wanted:
            yield StringCommand(f"printf x >>{act.writes}")

    return operation()(by_facts(acts) if act.says else acts)  # type: ignore[no-any-return]


@dataclass
class Ran:
    """What a run did: what changed with its details, how it failed, what it printed, what it left."""

    changed: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    failed: tuple[str | None, str | None, str] | None = None
    parts: dict[str, tuple[str | None, str]] = field(default_factory=dict)  # part → the operation and why
    left: dict[str, str] = field(default_factory=dict)
    execs: int = 0
    requests: int = 0  # of several changes
    uploads: int = 0
    checked: int = 0  # of the checks that travelled with the last change


CHECKS = ("cat a 2>/dev/null; echo", "ls", "exit 7")


def opening(folder: Path, ran: Ran, between: str) -> Any:
    """A lock that somebody else held, who meanwhile did `between`."""
    from gpustrap.engine.advance import Opening

    def judge(answer: Any) -> None:
        if answer.status:
            raise InstanceFailed("the lock is held")

    return Opening(f"echo waiting; echo opened >>opened\n{between}", ran.printed.append, judge)


def run(acts: list[Act], folder: Path, replay: bool, between: str | None = None, **how: Any) -> Ran:
    from pyinfra.api import deploy

    from gpustrap.engine.advance import Proof
    from gpustrap.engine.session import Session

    session = Session("box", {"gpustrap_memory": str(folder.parent / "memory.json")} if replay else {})
    session.host.connected = True
    session.state.activate_host(session.host)
    box = LocalBox(folder, **how)
    session.connector._wire = box  # type: ignore[assignment]

    @deploy("role")
    def tasks(_chosen: Any) -> None:
        for at, act in enumerate(acts):
            operation_of(act)(name=f"act {at}")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(content, "role_tasks", lambda _role: tasks)
        session.line_up({"role": None})
    ran, before = Ran(), session.connector.execs
    session.connector.on_line = ran.printed.append

    def ended(operation: Any, changed: bool) -> None:
        if changed:
            ran.changed.append((operation.name, session.details(operation)))

    try:
        first = None if between is None else opening(folder, ran, between)
        parts = {f"act {at}": act.part for at, act in enumerate(acts)}
        proof = Proof(CHECKS, {one.hash for one in session.operations if parts[one.name] == "web"})
        failed = session.execute(
            lambda operation: ran.started.append(operation.name), ended, first, lambda one: parts[one.name], proof
        )
        ran.parts = {part: (failure.operation, failure.error) for part, failure in failed.items()}
    except InstanceFailed as failure:
        ran.failed = (failure.role, failure.operation, failure.error)
    ran.left = {path.name: path.read_text() if path.is_file() else "/" for path in sorted(folder.iterdir())}
    ran.execs, ran.requests = session.connector.execs - before, box.requests
    ran.uploads = session.connector.uploads
    assert len(box.asked) == session.connector.execs
    ran.checked = still_so(session.connector, ran)
    return ran


def still_so(connector: Any, ran: Ran) -> int:
    """How many checks are known; each is as it is answered now, and there is none of a run that failed."""
    assert connector.next_answer() is None, "nothing is under way any more"
    known = connector.checked()
    assert not (known and (ran.failed or "web" in ran.parts))
    assert not known or known == connector.ask(CHECKS)
    return len(known)


NAMES = ("a", "b", "c", "d")
ACTS = st.builds(
    Act, st.sampled_from(NAMES), st.sampled_from(NAMES), st.sampled_from("12"), st.booleans(),
    st.sampled_from((True, True, True, False)), st.sampled_from((False, False, False, True)),
    st.sampled_from(("", "", "", "web", "job")),
)  # fmt: skip
# What somebody else does while the lock is waited for; "exit 75" does not give it.
BETWEEN = st.sampled_from((None, "true", "rm -rf a", "printf 1 >b", "printf 2 >c", "exit 75"))
BOXES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(("1", "2", "/", "")), max_size=4)


def both_ways(acts: list[Act], box: dict[str, str], **how: Any) -> list[Ran]:
    results = []
    for replay in (True, False):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "box"
            folder.mkdir()
            for name, holds in box.items():
                (folder / name).mkdir() if holds == "/" else (folder / name).write_text(holds)
            results.append(run(acts, folder, replay, **how))
    return results


@settings(max_examples=100, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(ACTS, min_size=1, max_size=6), BOXES, BETWEEN)
def test_what_changes_what_fails_and_what_is_left_are_the_same(
    acts: list[Act], box: dict[str, str], between: str | None
) -> None:
    ahead, alone = both_ways(acts, box, between=between)
    assert alone.checked == 0
    ahead.execs = alone.execs = ahead.uploads = alone.uploads = ahead.requests = ahead.checked = 0
    ahead.printed.sort()  # of one operation: which output comes first
    alone.printed.sort()
    assert ahead == alone


def test_changes_that_do_not_touch_each_other_are_one_request() -> None:
    ahead, alone = both_ways([Act(name, name, "1") for name in NAMES], {})
    assert (ahead.execs, alone.execs, ahead.left) == (1, 8, dict.fromkeys(NAMES, "1"))
    assert (ahead.checked, alone.checked) == (len(CHECKS), 0)


@pytest.mark.parametrize(("holds", "checked"), [("1", len(CHECKS)), ("2", 0)])
def test_the_proof_travels_with_the_last_change_unless_it_waits_for_what_comes_of_one(holds: str, checked: int) -> None:
    ahead, _ = both_ways([Act("a", "a", "1"), Act("b", "b", "1", part="web")], {"b": holds})
    assert (ahead.execs, ahead.checked) == (1, checked)


def test_where_nothing_is_changed_nothing_is_asked_again() -> None:
    ahead, _ = both_ways([Act("a", "a", "1"), Act("b", "b", "1")], {"a": "1", "b": "1"})
    assert (ahead.execs, ahead.checked, ahead.failed) == (0, 0, None)


def test_one_that_asks_nothing_and_does_nothing_needs_no_answer() -> None:
    acts = [Act("a", "a", "1", part="web"), *[Act("b", "b", "1", idle=True)] * 2]
    ahead, alone = both_ways(acts, {})
    assert (ahead.execs, ahead.left, alone.left) == (1, {"a": "1"}, {"a": "1"})
    assert ahead.started == alone.started == ["act 0", "act 1", "act 2"]


def test_where_nothing_is_asked_ahead_each_is_run_by_itself_though_it_asks_nothing() -> None:
    acts = [Act("a", "a", "1", asks=False), Act("b", "b", "1", asks=False)]
    ahead, alone = both_ways(acts, {}, between="true")
    assert ahead.left == alone.left == {"a": "1", "b": "1", "opened": "opened\n"}
    assert (ahead.requests, alone.requests) == (1, 0)


def test_a_change_that_another_one_needs_is_asked_about_once_more() -> None:
    ahead, alone = both_ways([Act("a", "a", "1"), Act("a", "b", "1"), Act("b", "c", "1")], {"b": "2"})
    assert ahead.left == alone.left == {"a": "1", "b": "2", "c": "1"}
    assert ahead.execs == 2


def test_what_comes_after_it_travels_in_one_request_again() -> None:
    acts = [Act("a", "a", "1"), Act("a", "b", "1"), Act("c", "c", "1"), Act("d", "d", "1")]
    ahead, alone = both_ways(acts, {"b": "2"})
    assert ahead.left == alone.left == {"a": "1", "b": "2", "c": "1", "d": "1"}
    assert ahead.execs == 2


@pytest.mark.parametrize("how", [{"says": False}, {"late": True}])
def test_one_that_is_not_known_to_go_by_its_facts_is_run_when_it_is_its_turn(how: dict[str, bool]) -> None:
    acts = [Act("a", "a", "1"), Act("b", "b", "1", **how), Act("c", "c", "1")]
    ahead, alone = both_ways(acts, {})
    assert ahead.left == alone.left
    assert 1 < ahead.execs < alone.execs


def test_a_failure_is_that_operations_and_what_comes_after_has_not_run() -> None:
    ahead, alone = both_ways([Act("a", "a", "1"), Act("b", "b", "1"), Act("c", "c", "1")], {"b": "/"})
    assert ahead.failed == alone.failed and ahead.failed is not None and ahead.failed[1] == "act 1"
    assert [name for name, _ in ahead.changed] == ["act 0"] and "c" not in ahead.left
    assert ahead.started == ["act 0", "act 1"]


def test_a_failure_of_a_part_is_that_parts_alone() -> None:
    acts = [Act(name, name, "1", part=part) for name, part in zip("abcd", ("", "web", "web", "job"), strict=True)]
    ahead, alone = both_ways(acts, {"b": "/"})
    assert [*ahead.parts] == [*alone.parts] == ["web"] and ahead.parts["web"][0] == "act 1"
    assert ahead.left == alone.left == {"a": "1", "b": "/", "d": "1"}
    assert ahead.started == ["act 0", "act 1", "act 3"]


def test_what_ends_a_run_tells_also_which_part_had_failed_before() -> None:
    acts = [Act("b", "b", "1", part="web"), Act("c", "c", "1"), Act("d", "d", "1")]
    ahead, alone = both_ways(acts, {"b": "/", "c": "/"})
    assert ahead.failed == alone.failed and ahead.failed is not None and ahead.failed[1] == "act 1"
    own, _, before = ahead.failed[2].partition(". Before that had failed: web: ")
    assert "c: Is a directory" in own and "b: Is a directory" in before
    assert "d" not in ahead.left


def test_of_a_part_that_has_failed_nothing_is_run_later_either() -> None:
    acts = [Act(name, name, "1", part=part) for name, part in zip("bdc", ("web", "job", "web"), strict=True)]
    ahead, alone = both_ways(acts, {"b": "/"})
    assert ahead.left == alone.left == {"b": "/", "d": "1"}
    assert ahead.started == ["act 0", "act 1"]


def test_a_request_whose_part_has_failed_is_left_and_not_waited_for() -> None:
    acts = [Act("b", "b", "1", part="web"), Act("c", "c", "1", part="job"), Act("d", "d", "1", part="job")]
    with gevent.Timeout(60), tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "box"
        (folder / "b").mkdir(parents=True)
        ran = run(acts, folder, True, lingers=True)
    assert [*ran.parts] == ["web"] and [name for name, _ in ran.changed] == ["act 1", "act 2"]


@pytest.mark.parametrize("between", [None, "true"])
def test_where_no_folder_can_be_written_that_is_tried_once_and_each_is_run_by_itself(between: str | None) -> None:
    acts = [Act(name, name, "1", says=name != "b") for name in NAMES]  # what comes after b would be a request again
    ahead, alone = both_ways(acts, {}, between=between, refuses_folders=True)
    assert {name: ahead.left[name] for name in NAMES} == {name: alone.left[name] for name in NAMES}
    assert ahead.changed == alone.changed
    assert (ahead.requests, alone.requests) == (1, 0)


def test_where_no_folder_can_be_written_what_was_foreseen_counts_no_more() -> None:
    acts = [Act("a", "a", "1"), Act("a", "b", "1")]
    ahead, alone = both_ways(acts, {"b": "2"}, refuses_folders=True)
    assert ahead.left == alone.left == {"a": "1", "b": "2"}
    assert ahead.changed == alone.changed == [("act 0", (" -> 1",))]


def test_where_what_was_asked_between_cannot_be_read_each_is_run_by_itself(monkeypatch) -> None:
    """A disk that has filled up meanwhile."""
    from gpustrap.engine import batch

    parse = batch.parse

    def cut(output: bytes, count: int, numbers: Any = None) -> Any:
        if numbers is not None:
            raise batch.BadFrame("cut")
        return parse(output, count)

    monkeypatch.setattr(batch, "parse", cut)
    acts = [Act("a", "a", "1"), Act("a", "b", "1"), Act("c", "c", "1"), Act("d", "d", "1")]
    ahead, alone = both_ways(acts, {"b": "2"})
    assert ahead.left == alone.left == {"a": "1", "b": "2", "c": "1", "d": "1"}
    assert ahead.changed == alone.changed and ahead.requests == 1


def test_after_a_part_has_failed_the_others_are_one_request_again() -> None:
    acts = [Act(name, name, "1", part=part) for name, part in zip("abcd", ("web", "web", "job", "job"), strict=True)]
    ahead, alone = both_ways(acts, {"a": "/"})
    assert ahead.left == alone.left == {"a": "/", "c": "1", "d": "1"}
    assert (ahead.requests, ahead.started) == (2, ["act 0", "act 2", "act 3"])


def test_the_opening_travels_with_the_changes_and_what_came_between_is_seen() -> None:
    ahead, alone = both_ways([Act("a", "a", "1"), Act("b", "b", "1")], {}, between="printf 1 >a")
    assert ahead.left == alone.left and ahead.left["opened"] == "opened\n"
    assert ahead.changed == alone.changed == [("act 1", (" -> 1",))]
    assert ahead.printed[0] == alone.printed[0] == "waiting"
    assert ahead.execs == 2  # the answers that were told are not asked again


def test_the_opening_and_all_changes_are_one_request() -> None:
    acts = [Act("a", "a", "1", by_stdin=True), Act("b", "b", "1")]
    ahead, alone = both_ways(acts, {}, between="true")
    assert ahead.left == alone.left == {"a": "1\n", "b": "1", "opened": "opened\n"}
    assert ahead.changed == alone.changed and [name for name, _ in ahead.changed] == ["act 0", "act 1"]
    assert (ahead.execs, ahead.requests, ahead.uploads, alone.uploads) == (1, 1, 1, 1)


def test_where_nothing_was_to_be_changed_what_came_between_is_mended_in_one_request() -> None:
    acts = [Act("a", "a", "1"), Act("b", "b", "1")]
    ahead, alone = both_ways(acts, {"a": "1", "b": "1"}, between="printf 2 >a; printf 2 >b")
    assert ahead.left == alone.left == {"a": "1", "b": "1", "opened": "opened\n"}
    assert (ahead.execs, ahead.requests) == (3, 1)  # the opening, two questions in one, the changes


def test_of_what_was_foreseen_and_came_otherwise_the_later_is_said() -> None:
    ahead, alone = both_ways([Act("a", "a", "1")], {}, between="printf 2 >a")
    assert ahead.changed == alone.changed == [("act 0", ("2 -> 1",))]


def test_without_the_lock_nothing_is_run() -> None:
    ahead, alone = both_ways([Act("a", "a", "1")], {}, between="exit 75")
    assert ahead.failed == alone.failed == (None, None, "the lock is held")
    assert (ahead.started, ahead.left) == ([], {"opened": "opened\n"})


@settings(max_examples=40, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), min_size=1, max_size=4, unique_by=lambda one: one[0]),
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(("1", "2")), max_size=4),
    st.tuples(st.integers(0, 8), st.sampled_from(("begin", "end"))),
)
def test_a_run_that_ends_at_any_place_is_made_whole_by_the_next_one(
    wanted: list[tuple[str, bool]], box: dict[str, str], cut: tuple[int, str]
) -> None:
    acts = [Act(name, name, "1", by_stdin) for name, by_stdin in wanted]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "box"
        folder.mkdir()
        for name, holds in box.items():
            (folder / name).write_text(holds)
        first = run(acts, folder, True, cut=cut)
        done = [name for name, _ in first.changed]
        if first.failed is not None:
            assert (first.failed[2], first.failed[1]) == ("the connection was lost", first.started[-1])
            assert first.started[-1] not in done
        second, third = run(acts, folder, True), run(acts, folder, True)
    assert second.failed is None and {name: second.left[name].strip() for name, _ in wanted} == {
        name: "1" for name, _ in wanted
    }
    assert not set(done) & {name for name, _ in second.changed}
    assert (third.changed, third.failed, third.execs) == ([], None, 0)


def test_of_answers_that_no_longer_hold_the_new_ones_are_taken_and_what_took_too_long_is_not_known() -> None:
    from gpustrap.engine.advance import Advance
    from gpustrap.engine.batch import Answer
    from gpustrap.engine.changes import Check

    under_way: Any = SimpleNamespace(_under_way=SimpleNamespace(request=SimpleNamespace(questions=("a", "b", "c"))))
    output = b"2 2.out\n0 2.err\n0 1.out\n0 1.err\n2 total\n0\n124\nx\n"
    told = Advance._told(under_way, Check(4, (2, 1)), Answer(1, output, b""))
    assert told == {"c": Answer(0, b"x\n", b"")}
