from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.resolve.context import Context
from roles.torch.resolve import choose


@pytest.fixture
def chosen(settings, survey):
    return choose(settings("torch", version="2.9.1"), survey, Context("trainer", "global", ("torch",)))


def test_the_card_is_written_down_before_torch_is_installed_and_guarded(lined_up, chosen) -> None:
    assert [(one.operation, one.name) for one in lined_up("torch", chosen)] == [
        ("torch.remembered", "card"),
        ("torch.installed", "torch"),
        ("files.managed", "guard"),
    ]


def test_what_was_decided_is_what_is_installed(lined_up, chosen) -> None:
    card, installed, _ = lined_up("torch", replace(chosen, differences=("another card",)))
    assert card.arguments == {"path": chosen.memory_file, "card": chosen.card, "says": ("another card",)}
    script, job = installed.arguments["script"], installed.arguments["job"]
    assert (job.name, job.directory) == ("torch", "/large/gpustrap/jobs/torch")
    assert (script.dest, script.mode) == (job.script, "755")
    assert "torch==2.9.1" in script.content and "/large/gpustrap" in script.content
    rest = {key: value for key, value in installed.arguments.items() if key not in ("script", "job")}
    assert rest == {
        "python": chosen.python, "versions": chosen.versions, "standing": chosen.standing, "reasons": chosen.reasons,
        "download": chosen.download,
    }  # fmt: skip


def test_the_guard_stands_in_its_environment_and_pips_own_keys_stay(lined_up, chosen) -> None:
    *_, guard = lined_up("torch", chosen)
    written = {file.dest: file for file in guard.arguments["files"]}
    prefix = "/large/gpustrap/venvs/torch"
    assert "torch==2.9.1" in written["/large/gpustrap/constraints.txt"].content
    assert written[f"{prefix}/bin/activate"].block == "torch"
    keys = written[f"{prefix}/pip.conf"]
    assert (keys.form, keys.part) == ("ini", "torch")
    assert keys.keys == {"install.constraint": "/large/gpustrap/constraints.txt"}


def test_what_counted_in_every_shell_up_to_0_1_goes(lined_up, chosen) -> None:
    *_, guard = lined_up("torch", chosen)
    gone = {(file.dest, file.block) for file in guard.arguments["files"] if getattr(file, "content", "") is None}
    assert gone == {("/etc/profile.d/gpustrap-torch.sh", ""), ("/root/.bashrc", "torch")}
