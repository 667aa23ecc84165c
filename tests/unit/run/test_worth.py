"""The box's parts are asked by one exec and the way out by another; no answer is a failure."""

from __future__ import annotations

from base64 import b64encode
from types import SimpleNamespace

import pytest

from gpustrap.engine.batch import Answer
from gpustrap.errors import InstanceFailed
from gpustrap.run.worth import weigh

PAGE = b64encode(b'<a href="pip.whl">pip</a>').decode()
PROBE = "probe\tpip.{at}\tcurl\t0\tm.lan\thttps\t1.2.3.4 0 0 0 0.1 0.2 200 0 9 9 0\tm.lan 0\t1.2.3.4\t\t{page}\n"
RATES = (
    "".join(PROBE.format(at=at, page=PAGE) for at in (0, 1))
    + "rate\tpip.0\t206 2000000 5000000\nrate\tpip.1\t403 9 99000000\n"
)


@pytest.fixture
def session():
    """`session(b"…", b"…")`: one whose box answers so, in turn."""

    def of(*said: bytes):
        answers = iter(said)
        wire = SimpleNamespace(run=lambda _command, **_limits: Answer(0, next(answers), b""))
        return SimpleNamespace(connector=SimpleNamespace(wire=wire))

    return of


def test_the_way_out_is_as_fast_as_the_fastest_index_that_gives_a_file(session, survey) -> None:
    lines = {one.part: one.found for one in weigh(session(b"shm\t65536\n", RATES.encode()), survey)}
    assert (lines["egress"], lines["shm"]) == ("5.0 MB/s", "64.0 MiB")


def test_where_no_index_answers_it_is_not_told(session, survey) -> None:
    assert weigh(session(b"shm\t65536\n", b""), survey)[0].good is None


def test_no_answer_at_all_is_a_failure_in_words(session, survey) -> None:
    with pytest.raises(InstanceFailed, match="the probes gave no answer"):
        weigh(session(b""), survey)
