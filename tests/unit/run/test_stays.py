"""What a revert leaves is said in a sentence, with why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gpustrap.engine.facts.files import FileState
from gpustrap.engine.facts.traces import Stay, Trace, Traces
from gpustrap.run.stays import is_left, stays, unknown

EDITED = FileState("file", "644", "00", ours=True, edited=True)
ORIGINAL = "; what stood there before is in /var/lib/gpustrap/left"


def keyed(text: str, form: str = "ini") -> Trace:
    record = {"sha256": "as left", "parts": {"mirrors": {"global.timeout": "60"}}}
    state = FileState("file", "644", "11", ours=True, text=text.encode(), record=json.dumps(record))
    return Trace("/pip.conf", "mirrors", state, form=form)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("trace", "said"),
    [
        (Trace("/f", "x", EDITED), ["/f stays: it was changed since gpustrap wrote it"]),
        (Trace("/f", "x", EDITED, True), [f"/f stays: it was changed since gpustrap wrote it{ORIGINAL}"]),
        (
            Trace("/rc", "x", EDITED, block="x"),
            ["the block x in /rc stays: it was changed since gpustrap wrote it"],
        ),
        (
            Trace("/f", "x", FileState("absent", ours=True, edited=True), True),
            [f"/f is gone since gpustrap wrote it, and stays so{ORIGINAL}"],
        ),
        (Trace("/f", "x", FileState("dir", ours=True)), ["/f stays: it was changed since gpustrap wrote it"]),
        (Trace("/f", "x", FileState("file", ours=True), True), []),
        (keyed("[global]\ntimeout = 60\nmine = 1\n"), []),
        (
            keyed("[global]\ntimeout = 5\n"),
            ["global.timeout in /pip.conf stays as it is: it was changed since gpustrap set it"],
        ),
        (
            keyed("[global]\n[global]\n"),
            ["/pip.conf stays as it is: it was changed, and is not ini any more"],
        ),
    ],
)
def test_what_others_changed_stays_and_is_said(trace: Trace, said: list[str]) -> None:
    assert stays(Traces((trace,)), [trace], None) == said


@pytest.mark.parametrize(
    ("trace", "left"),
    [
        (Trace("/f", "x", EDITED), True),
        (Trace("/f", "x", FileState("file", ours=True)), False),
        (Trace("/rc", "x", FileState("file", sha256="00"), block="x"), False),
        (Trace("/rc", "x", FileState("file"), block="x"), True),
        (keyed("[global]\ntimeout = 60\n"), False),
        (keyed("[global]\ntimeout = 5\n"), True),
    ],
)
def test_what_others_have_by_now_or_nobody_is_not_still_there(trace: Trace, left: bool) -> None:
    assert is_left(trace) is left


def test_of_single_roles_no_original_is_set_aside() -> None:
    trace = Trace("/f", "x", EDITED, True)
    assert stays(Traces((trace,)), [trace], ["x"]) == ["/f stays: it was changed since gpustrap wrote it"]


STAY = (
    Stay("base", "package", "git"),
    Stay("base", "package", "tmux"),
    Stay("python", "file", "/usr/local/bin/uv"),
    Stay("torch", "folder", "/root/gpustrap/venvs"),
    Stay("torch", "torch", "/opt/conda/bin/python"),
    Stay("network", "block", "/etc/environment"),
)
SAID = [
    "packages stay as they are installed: git, tmux",
    "/usr/local/bin/uv stays: the role python has installed it",
    "/root/gpustrap/venvs stays: the role torch has installed it",
    "torch stays in /opt/conda/bin/python",
    "the block network in /etc/environment stays: gpustrap has no record of it; take its lines out by hand",
]


@pytest.mark.parametrize(
    ("roles", "said"),
    [(None, SAID), (["base"], SAID[:1]), (["python"], SAID[1:2]), (["network"], SAID[4:]), (["x"], [])],
)
def test_what_was_only_installed_stays_and_is_listed(roles: list[str] | None, said: list[str]) -> None:
    assert stays(Traces((), STAY), [], roles) == said


@pytest.mark.parametrize(("roles", "counts"), [(None, True), (["services"], True), (["base"], False)])
def test_what_a_service_wrote_is_not_ours_to_remove(roles: list[str] | None, counts: bool) -> None:
    said = stays(Traces((), (), ("/s/web/a", "/s/web/b")), [], roles)
    assert said == (["/s/web stays: it holds 2 files not written by gpustrap"] if counts else [])


def test_a_role_of_ones_own_that_uses_pyinfras_operations_is_said_to_be_unknown(tmp_path: Path) -> None:
    for role, text in (("motd", "from pyinfra.operations import files"), ("mine", "from gpustrap.engine import x")):
        (tmp_path / "roles" / role).mkdir(parents=True)
        (tmp_path / "roles" / role / "tasks.py").write_text(text)
    path = tmp_path / "roles" / "motd" / "tasks.py"
    said = f"what the role motd does by pyinfra's own operations stays: only {path} knows it"
    yours = "the project's folder stays, with its environment: what is in it is yours"
    assert unknown(tmp_path, ["motd", "mine", "network"]) == [said]
    assert unknown(tmp_path, ["project", "motd"]) == [yours, said]
