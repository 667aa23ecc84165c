"""One line more in hosts.yml, and every other byte as it was; where that cannot be, nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.inventory.edit_setting import write_setting

BOX = "instances:\n  a:\n    ssh: ssh a\n"


def written(project: Path, before: str) -> tuple[bool, str]:
    path = project / "inventory" / "hosts.yml"
    path.write_bytes(before.encode())
    return write_setting(project, "a", "mirrors", "measure", "true"), path.read_bytes().decode()


@pytest.mark.parametrize(
    ("before", "line_at"),
    [
        (BOX, 3),
        (f"# mine\n{BOX}\n# the end\n", 4),
        ("instances:\n    a:   # near\n        ssh: ssh a  # x\n        # more\n    b: {lab: debian-12}\n", 4),
        ("defaults:\n  mirrors: {pypi: USTC}\n" + BOX, 5),
        ("instances:\n  a:\n    ssh: ssh a\n    base:\n      extra: [htop]\n", 5),
        (BOX.replace("\n", "\r\n"), 3),
        (BOX.rstrip("\n"), 3),
    ],
)
def test_it_is_the_last_line_of_the_instance(project: Path, before: str, line_at: int) -> None:
    done, after = written(project, before)
    lines = after.splitlines()
    assert done and lines.pop(line_at).strip() == "mirrors: {measure: true}"
    assert lines == before.splitlines()
    assert ("\r\n" in before) == ("\r\n" in after)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "instances: {}\n",
        "instances:\n  a: {ssh: ssh a}\n",
        "instances:\n  a: &a\n    ssh: ssh a\n    mirrors: {npm: upstream}\n",
        "instances:\n  b: &b\n    ssh: ssh a\n  a: *b\n",
    ],
)
def test_what_is_of_another_form_or_has_the_role_stays(project: Path, before: str) -> None:
    assert written(project, before) == (False, before)
