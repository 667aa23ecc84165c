from __future__ import annotations

import json
import subprocess

import pytest

from gpustrap.resolve.hub import Client, Store, Wanted

ONE = Wanted("model", "org/it's")
CLIENT = Client("/venv/bin/python", Store("/c", "/r"), ("HF_HOME=/it's here",))


def read(*rows: object):
    from gpustrap.engine.facts.hub import HubSnapshots

    return HubSnapshots().process([f"hub {json.dumps(row)}" for row in rows])


def test_what_the_program_says_is_read() -> None:
    from gpustrap.engine.hub_seen import Snapshot

    moved = {"at": 1, "state": "moved", "commit": "a", "newest": "b", "files": 2, "bytes": 3}
    refused = {"at": 0, "state": "unknown", "trouble": ["gated", {"repo": "x\x1b[2J"}], "definite": True}
    assert read(moved, refused) == {
        1: Snapshot("moved", "a", "b", 2, 3),
        0: Snapshot("unknown", trouble="gated", fields={"repo": "x[2J"}, definite=True),
    }


@pytest.mark.parametrize(
    "row",
    [
        {"at": 0, "state": "fine"},
        {"at": 0},
        {"at": "x", "state": "complete"},
        {"at": 0, "state": "moved", "bytes": "x"},
    ],
)
def test_what_no_program_of_ours_says_is_an_error(row: object) -> None:
    with pytest.raises((ValueError, KeyError)):
        read(row)


def test_what_others_print_is_no_word_of_the_program() -> None:
    from gpustrap.engine.facts.hub import HubSnapshots
    from gpustrap.engine.hub_seen import Snapshot

    said = ["Welcome", 'hug {"at": 1}', 'hub {"at": 0, "state": "complete", "commit": "a"}', "hub is not a word"]
    assert HubSnapshots().process(said) == {0: Snapshot("complete", "a")}


def test_without_the_client_nothing_is_said() -> None:
    from gpustrap.engine.facts.hub import HubSnapshots

    done = subprocess.run(
        ["sh", "-c", HubSnapshots().command(client=CLIENT, wanted=[ONE])], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_of_a_box_that_does_not_answer_nothing_is_known() -> None:
    from gpustrap.engine.facts.hub import HubSnapshots

    assert HubSnapshots.default() == {}
