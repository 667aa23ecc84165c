from __future__ import annotations

import pytest

from gpustrap.engine.facts.tmux import Running
from gpustrap.engine.service_versions import Again, Settled
from gpustrap.engine.services import files_of, identity
from gpustrap.resolve.service import Service
from gpustrap.run.unready import unready

WEB = Service("web", "serve", 8080)
KEPT = "; its files and log are kept on the instance in /f"


@pytest.mark.parametrize(
    ("again", "said"),
    [
        (None, ""),
        (Again(2.5, "/f"), "; the version before runs again, nobody answered for 2.5 s" + KEPT),
        (Again(None, "/f"), "; the version before runs again" + KEPT),
        (Again(None, "/f", "it is gone"), "; the version before was started again and does not get ready: it is gone" + KEPT),
    ],
)  # fmt: skip
def test_one_that_does_not_get_ready_is_said_with_what_runs_in_its_place(again: Again | None, said: str) -> None:
    running = Running(identity(files_of(WEB)), False, trouble="it has ended with 3", log=("boom",))
    seen = Settled({"web": running}, again={"web": again} if again else {})
    end = "\nthe end of the log of web:\n  boom"
    assert unready([WEB], seen) == {"web": f"web has ended with 3{said}{end}"}


def test_one_that_is_ready_is_not_named() -> None:
    assert unready([WEB], Settled({"web": Running(identity(files_of(WEB)), True)})) == {}
