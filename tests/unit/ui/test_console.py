from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from gpustrap.engine.session import Operation
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.masking import remember
from gpustrap.run.report import Change, Result, ServiceState
from gpustrap.ui import console as ui
from gpustrap.ui.console import Lines, Show

CHANGE = Change("mirrors", "pip index", ("/etc/pip.conf: created",))
FAILURE = InstanceFailed("no space left", role="base", operation="packages", hint="free some")
LONG = Change("services", "web: runs and is ready", ("/etc/gpustrap/services/web/command: rewritten",))


class Terminal:
    """A terminal, or a pipe, and all that was written to it."""

    def __init__(
        self,
        *,
        width: int = 80,
        height: int = 25,
        terminal: bool = True,
        planning: bool = False,
        show: Show = Show.NORMAL,
    ):
        self.file = io.StringIO()
        console = Console(
            file=self.file,
            width=width,
            height=height,
            force_terminal=terminal,
            color_system=None,
            highlight=False,
            _environ={"TERM": "xterm"},
        )
        self.lines = Lines(planning=planning, console=console, show=show)

    @property
    def written(self) -> str:
        return self.file.getvalue()

    @property
    def kept(self) -> str:
        """What stands there in the end: without what the live part wrote and took away again."""
        rows = [""]
        for token in re.findall(r"\x1b\[[?0-9;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", self.written):
            if token == "\n":
                rows.append("")
            elif token.endswith("A"):
                rows.pop()
            elif token == "\x1b[2K":
                rows[-1] = ""
            elif not token.startswith("\x1b") and token != "\r":
                rows[-1] += token
        return "\n".join(rows)


def tell(lines: Lines) -> None:
    with lines:
        lines.says("demo", "connecting")
        lines.says("trainer", "connecting")
        lines.starts("demo", Operation("mirrors", "pip index", "1"))
        lines.changed("demo", CHANGE)
        lines.failed("trainer", FAILURE)
        lines.prints("demo", "a line")
        lines.says("demo", "9 checks passed")


STORY = """\
changed  demo: mirrors | pip index
         /etc/pip.conf: created
failed  trainer: base | packages: no space left
        hint: free some
demo: 9 checks passed
"""


@pytest.mark.parametrize("terminal", [True, False])
def test_what_stands_in_the_end_is_the_same_on_a_terminal_and_in_a_pipe(terminal):
    told = Terminal(terminal=terminal)
    tell(told.lines)
    assert told.kept == STORY


def test_a_pipe_gets_plain_text():
    told = Terminal(terminal=False)
    tell(told.lines)
    assert told.written == STORY


def test_without_colour_nothing_is_lost(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    file = io.StringIO()
    tell(Lines(console=Console(file=file, force_terminal=True, width=80)))
    colours = re.findall(r"\x1b\[[0-9;]*3[0-7][0-9;]*m", file.getvalue())
    assert colours == []


@pytest.mark.parametrize(
    ("terminal", "shown"),
    [
        (
            True,
            "would change  demo: services |\n  web: runs and is\n  ready\n"
            "  /etc/gpustrap/services/web/\n  command: rewritten\n",
        ),
        (
            False,
            "would change  demo: services | web: runs and is ready\n"
            "              /etc/gpustrap/services/web/command: rewritten\n",
        ),
    ],
)
def test_a_long_line_is_wrapped_under_its_text_on_a_terminal_only(terminal, shown):
    told = Terminal(width=30, terminal=terminal, planning=True)
    told.lines.changed("demo", LONG)
    assert "\n".join(line.rstrip() for line in told.written.split("\n")) == shown


@pytest.mark.parametrize(("count", "last"), [(12, "line 11"), (13, "and 1 more"), (40, "and 28 more")])
def test_of_many_details_the_first_are_shown(count, last):
    told = Terminal(terminal=False)
    told.lines.changed("demo", Change("base", "packages", tuple(f"line {number}" for number in range(count))))
    details = [line.strip() for line in told.written.splitlines()[1:]]
    assert details[:12] == [f"line {number}" for number in range(12)]
    assert details[-1] == last


def test_markup_and_escapes_from_an_instance_are_shown_as_text():
    told = Terminal(terminal=False)
    told.lines.failed("demo", InstanceFailed("[red]no[/] \x1b[31mred\x1b[0m \x1b[2J"))
    assert told.written == "failed  demo: [red]no[/] red\n"


def drawn(told: Terminal) -> list[str]:
    """The live part, drawn now: what is written since the cursor last went to the left edge."""
    told.lines._live.refresh()
    return [re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", row) for row in told.written.rpartition("\r")[2].split("\n")]


def test_the_live_part_says_what_each_instance_is_at():
    told = Terminal(width=40)
    with told.lines as lines:
        lines.says("demo", "connecting")
        lines.starts("trainer", Operation("mirrors", "a file with a name that is quite long", "1"))
        assert drawn(told) == ["demo: connecting", "trainer: mirrors | a file with a name t…"]
        lines.prints("demo", "12 %\r\x1b[32m50 %\x1b[0m\n")
        assert drawn(told)[0] == "demo: connecting: 50 %"
        lines.failed("trainer", FAILURE)
        assert drawn(told) == ["demo: connecting: 50 %"]


def test_a_low_terminal_shows_the_last_instances():
    told = Terminal(height=6)
    with told.lines as lines:
        for number in range(8):
            lines.says(f"box-{number}", "connecting")
        assert drawn(told) == ["box-6: connecting", "box-7: connecting"]


def test_the_cursor_comes_back_when_a_run_is_interrupted():
    told = Terminal()
    with pytest.raises(KeyboardInterrupt), told.lines as lines:
        lines.says("demo", "connecting")
        raise KeyboardInterrupt
    assert told.written.count("\x1b[?25l") == told.written.count("\x1b[?25h") == 1
    assert told.kept == ""


@pytest.mark.parametrize("terminal", [{"TERM": "dumb"}, {"TERM": "unknown"}])
def test_a_terminal_that_cannot_move_its_cursor_gets_lines(terminal):
    file = io.StringIO()
    tell(Lines(console=Console(file=file, force_terminal=True, color_system=None, width=80, _environ=terminal)))
    assert file.getvalue() == STORY


@pytest.mark.parametrize(
    ("answer", "agreed", "asked"),
    [
        ("y\n", True, 1),
        ("是\n", True, 1),
        ("\n", False, 1),
        ("n\n", False, 1),
        ("yep\ny\n", True, 2),
        ("yep\n", False, 2),
    ],
)
def test_changes_are_shown_and_asked_about_until_it_is_yes_or_no(monkeypatch, answer, agreed, asked, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    told = Terminal(terminal=False)
    assert told.lines.confirm({"demo": [CHANGE], "trainer": [LONG]}) is agreed
    question = "Make these changes? [y/N] "
    assert told.written.splitlines()[:6] == [
        "would change  demo: mirrors",
        "  - pip index",
        "      /etc/pip.conf: created",
        "demo: 1 change: mirrors 1",
        "would change  trainer: services",
        "  - web: runs and is ready",
    ]
    assert (told.written + capsys.readouterr().out).count(question) == asked


@pytest.mark.parametrize(("answer", "agreed"), [("\n", True), ("n\n", False), ("", False)])
def test_in_a_guided_start_an_empty_line_goes_on_and_ctrl_d_does_not(monkeypatch, capsys, answer, agreed):
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    lines = Lines(console=Console(file=io.StringIO()), enter_agrees=True)
    assert lines.confirm({"demo": [CHANGE]}) is agreed
    assert "Make these changes? [Y/n] " in capsys.readouterr().out + lines._console.file.getvalue()


def test_another_host_key_is_asked_about(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    told = Terminal(terminal=False)
    assert told.lines.accepts_key("demo", "its host key has changed, it is now SHA256:abc") is True
    assert told.written + capsys.readouterr().out == (
        "demo: its host key has changed, it is now SHA256:abc; after a reset that is expected\nTrust the new key? [y/N] "
    )


REASONS = {"network": ["no proxy is set"], "mirrors": ["npm: the region is cn", "pypi: hosts.yml says so"]}


def test_a_plan_is_grouped_by_role_and_says_why_each_was_decided_so():
    told = Terminal(terminal=False, planning=True)
    told.lines.decided("demo", REASONS)
    assert told.written == ""
    told.lines.planned("demo", [CHANGE])
    assert told.written == (
        "nothing to change  demo: network\n  why: no proxy is set\n"
        "would change  demo: mirrors\n  why:\n    npm: the region is cn\n    pypi: hosts.yml says so\n"
        "  - pip index\n      /etc/pip.conf: created\n"
    )


def test_a_plan_that_fails_says_what_was_decided():
    told = Terminal(terminal=False, planning=True)
    told.lines.decided("trainer", {"network": ["no proxy is set"]})
    told.lines.failed("trainer", FAILURE)
    assert told.written.splitlines()[:2] == [
        "trainer: network: no proxy is set",
        "failed  trainer: base | packages: no space left",
    ]


def test_up_says_why_of_a_role_that_changes_something_and_once():
    told = Terminal(terminal=False)
    told.lines.decided("demo", REASONS)
    told.lines.changed("demo", CHANGE)
    told.lines.changed("demo", CHANGE)
    assert told.written.splitlines() == [
        "demo: mirrors: npm: the region is cn",
        "demo: mirrors: pypi: hosts.yml says so",
        *("changed  demo: mirrors | pip index", "         /etc/pip.conf: created") * 2,
    ]


def test_the_question_says_why_too(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    told = Terminal(terminal=False)
    told.lines.decided("demo", REASONS)
    told.lines.confirm({"demo": [CHANGE]})
    told.lines.changed("demo", CHANGE)
    assert told.written.count("npm: the region is cn") == 1


HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202egnp"


def test_nothing_that_an_instance_says_is_obeyed_by_the_terminal():
    remember("canary-4")
    told = Terminal(terminal=False, planning=True)
    hostile = f"{HOSTILE} canary-4\nnext"
    with told.lines as lines:
        lines.says("demo", hostile)
        lines.decided("demo", {"base": [hostile]})
        lines.changed("demo", Change("base", hostile, (hostile,)))
        lines.failed("demo", InstanceFailed(hostile, role=hostile, operation=hostile, hint=hostile))
    lines.summary({"demo": Result(services={hostile: ServiceState(hostile, None, True)})})
    assert "gnp ***" in told.written
    assert not set(told.written) & set("\x1b\x07\u202e") and "canary" not in told.written


def test_a_no_changes_nothing_and_says_so():
    told = Terminal(terminal=False)
    told.lines.summary({"demo": Result(declined=True), "b": Result(declined=True), "trainer": Result(failed=FAILURE)})
    assert told.written == ("trainer: failed, 0 changed, 0 unchanged (0 execs, 0 uploads, 0.0 s)\nNothing changed.\n")


def test_the_summary_has_a_line_an_instance_and_one_a_service():
    told = Terminal(terminal=False)
    services = {
        "web": ServiceState("http://127.0.0.1:2000", "http://127.0.0.1:8080", True),
        "lab": ServiceState(None, "http://127.0.0.1:8888", False),
        "job": ServiceState(None, None, True),
    }
    told.lines.summary(
        {
            "demo": Result([CHANGE], 3, 5, 2, 4.06, services),
            "trainer": Result(execs=1, seconds=60, failed=FAILURE),
        }
    )
    assert told.written == (
        "demo: ok, 1 changed, 3 unchanged (5 execs, 2 uploads, 4.1 s)\n"
        "  web: http://127.0.0.1:2000\n"
        "  lab: http://127.0.0.1:8888 on the instance  NOT HEALTHY\n"
        "  job: no port\n"
        "trainer: failed, 0 changed, 0 unchanged (1 exec, 0 uploads, 60.0 s)\n"
    )


@pytest.mark.parametrize(
    ("passed", "broken", "said"),
    [(8, 0, "ok, 8 checks passed"), (1, 0, "ok, 1 check passed"), (3, 5, "failed, 5 of 8 checks failed")],
)
def test_what_verify_did_is_how_many_checks_hold(passed, broken, said):
    told = Terminal()
    told.lines.summary({"demo": Result(execs=2, passed=passed, broken=broken, failed=FAILURE if broken else None)})
    assert told.written == f"demo: {said} (2 execs, 0 uploads, 0.0 s)\n"


DOWNLOAD = [f"torch {had} of 900 MB, 3.0 MB/s" for had in (1, 89, 90, 95, 180, 450, 100, 899, 900)]
TENTHS = ["10 %, 90", "20 %, 180", "50 %, 450", "99 %, 899", "100 %, 900"]


@pytest.mark.parametrize(
    ("terminal", "show", "told_at"),
    [(False, Show.NORMAL, TENTHS), (True, Show.NORMAL, []), (False, Show.QUIET, []), (False, Show.ALL, None)],
)
def test_a_download_is_told_at_each_tenth_where_no_line_can_be_written_over(terminal, show, told_at):
    told = Terminal(terminal=terminal, show=show)
    with told.lines as lines:
        lines.starts("demo", Operation("torch", "torch", "1"))
        for line in DOWNLOAD:
            lines.prints("demo", line)
    said = [line for line in told.kept.splitlines() if line]
    assert len(said) == (len(DOWNLOAD) if told_at is None else len(told_at))
    assert all(f"demo: torch {at} of 900 MB" in line for at, line in zip(told_at or [], said, strict=False))


@pytest.mark.parametrize(
    ("show", "kept"), [(Show.QUIET, ["failed", "hint"]), (Show.ALL, ["changed", "line 39", "a line"])]
)
def test_less_or_more_is_shown_on_request(show, kept):
    told = Terminal(terminal=False, show=show)
    with told.lines as lines:
        lines.starts("demo", Operation("base", "packages", "1"))
        lines.says("demo", "verified")
        lines.prints("demo", "a line")
        lines.changed("demo", Change("base", "packages", tuple(f"line {number}" for number in range(40))))
        lines.failed("demo", FAILURE)
    assert all(word in told.written for word in kept)
    assert ("changed" in told.written) == (show == Show.ALL) and ("verified" in told.written) == (show == Show.ALL)


@pytest.mark.parametrize(("color", "colours"), [("auto", False), ("never", False), ("always", True)])
def test_a_pipe_has_colours_on_request_only(capsys, color, colours):
    tell(Lines(console=ui.console(color)))
    written = capsys.readouterr().err
    assert ("\x1b[3" in written) is colours and "\x1b[?25l" not in written
    assert re.sub(r"\x1b\[[0-9;]*m", "", written) == STORY


def test_the_summary_ends_with_where_things_are():
    told = Terminal(terminal=False)
    told.lines.summary({"demo": Result([CHANGE], notes=["not saved: /tmp is wiped by a stop"])})
    assert told.written.splitlines()[1:] == ["  not saved: /tmp is wiped by a stop"]


def test_a_reason_is_broken_between_words_on_a_terminal():
    told = Terminal(width=30, planning=True)
    told.lines.decided("demo", {"base": ["5 packages that a person at a shell counts on"]})
    told.lines.planned("demo", [])
    lines = [line.rstrip() for line in told.kept.splitlines()]
    assert lines == [
        "nothing to change  demo: base",
        "  why: 5 packages that a",
        "    person at a shell counts",
        "    on",
    ]


def result_with(url, changed=True, healthy=True):
    return Result(
        changed=[CHANGE] if changed else [], services={"web": ServiceState(url, "http://127.0.0.1:1", healthy)}
    )


@pytest.mark.parametrize(
    ("terminal", "result", "drawn"),
    [
        ({}, result_with("http://h.example:28080"), True),
        ({}, result_with("http://h.example:28080", changed=False), False),
        ({}, result_with("http://h.example:28080", healthy=False), False),
        ({}, result_with("http://127.0.0.1:28080"), False),
        ({"width": 20}, result_with("http://h.example:28080"), False),
        ({"terminal": False}, result_with("http://h.example:28080"), False),
        ({"planning": True}, result_with("http://h.example:28080"), False),
        ({"show": Show.QUIET}, result_with("http://h.example:28080"), False),
    ],
)
def test_a_new_address_is_drawn_for_a_telephone_where_somebody_sees_it(terminal, result, drawn):
    it = Terminal(**terminal)
    it.lines.summary({"one": result})
    assert ("▄▄▄▄▄" in it.written) is drawn
