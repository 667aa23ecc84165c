"""A log that cannot be written is said, and the service goes on; once it can be written it is, by itself."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gpustrap.engine.facts.tmux import services_script
from service_box import SERVE, Box


def replaced(log: Path) -> None:
    log.unlink()
    log.touch()


def test_a_log_that_takes_nothing_is_said_until_it_does_and_the_service_goes_on(box: Box) -> None:
    place = box.folder / "log"
    place.write_text("in its way\n")
    serve = SERVE.format(python="python3", port=box.port, address="0.0.0.0").removeprefix("exec ")
    service = box.service(f"(while echo tick; do sleep 0.01; done) & {serve}")

    assert box.start(service) == ""

    seen = box.look(service)
    assert seen is not None
    assert seen.ready and seen.unlogged.startswith("its log does not get what it says: ")  # then the shell's own words
    place.unlink()
    place.mkdir()
    box.until(lambda: "tick" in (place / f"{box.name}.log").read_text() if (place / f"{box.name}.log").exists() else 0)
    box.until(lambda: (found := box.look(service)) is not None and found.unlogged == "")
    assert box.reason(service) is None


def test_what_an_own_role_runs_without_our_log_is_asked_for_none(box: Box) -> None:
    own = box.folder / "own" / "serve"
    own.parent.mkdir()
    own.write_text(SERVE.format(python=sys.executable, port=box.port, address="0.0.0.0"))
    box.begin("c0ffee", own, box.port)
    seen = box.look(box.serves(), steady=15, ready={box.name: 15})
    assert seen is not None and seen.ready and (seen.unlogged, seen.log_away) == ("", False)


def test_where_a_link_leads_in_the_logs_place_nothing_is_closed(box: Box) -> None:
    theirs = box.folder / "theirs"
    theirs.mkdir(mode=0o755)
    (box.folder / "log").symlink_to(theirs)

    assert box.start(box.serves()) == ""

    assert theirs.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("says", ["", "(while echo tick; do sleep 0.01; done) & "], ids=["silent", "talking"])
@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda log: shutil.rmtree(log.parent), replaced], ids=["file", "folder", "other"]
)
def test_a_log_that_was_taken_away_is_said_and_begun_anew_while_the_service_goes_on(
    box: Box, says: str, harm: Callable[[Path], None]
) -> None:
    serve = SERVE.format(python="python3", port=box.port, address="0.0.0.0").removeprefix("exec ")
    spoken = "(until [ -e say ]; do sleep 0.1; done; echo spoken) & "
    service = box.service(f"{says}{spoken}{serve}")
    log = box.folder / "log" / f"{box.name}.log"
    assert box.start(service) == ""
    first = box.look(service)
    assert first is not None and (first.unlogged, first.log_away) == ("", False)
    state_file = box.folder / "services" / box.name / "state"
    first_start = state_file.read_text().splitlines()[0]

    harm(log)
    seen = box.look(service)
    assert seen is not None and seen.ready and seen.log_away
    assert seen.unlogged == f"its log does not get what it says: what it writes to is not {log} any more"

    anew = services_script("service-log-anew", service=box.name, logs=str(log.parent))
    done = box.run(anew)
    assert (done.returncode, done.stderr) == (0, "")
    mended = box.look(service)
    assert mended is not None and mended.ready and (mended.unlogged, mended.log_away) == ("", False)
    assert log.read_text().startswith("[gpustrap] the log is begun anew") or says
    (box.folder / "say").touch()
    box.until(lambda: "spoken" in log.read_text())
    began = [line for line in state_file.read_text().splitlines() if line.startswith("starts ")]
    assert began == [first_start], "it was not started again"
    assert log.stat().st_mode & 0o777 == 0o640 and log.parent.stat().st_mode & 0o777 == 0o750
