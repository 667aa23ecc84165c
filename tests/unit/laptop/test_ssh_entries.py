"""Each project has its own block, and the others' stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.laptop.ssh_entries import entries_file, has_made_config, put, take


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path / "own"))
    return tmp_path


def hosts() -> list[str]:
    return [line for line in entries_file().read_text().splitlines() if line.startswith("Host ")]


def test_the_latest_project_comes_first_and_is_replaced_as_a_whole(own):
    put(own / "one", "Host a\n", made_config=True)
    put(own / "two", "Host b\nHost c\n", made_config=has_made_config())
    assert hosts() == ["Host b", "Host c", "Host a"] and has_made_config()
    put(own / "one", "Host d\n", made_config=False)
    assert hosts() == ["Host d", "Host b", "Host c"] and not has_made_config()


def test_what_is_taken_out_and_what_is_left_is_told(own):
    assert take(own / "one") == (False, False)
    put(own / "one", "Host a\n", made_config=True)
    put(own / "two\nHost evil", "Host b\n", made_config=True)
    assert hosts() == ["Host b", "Host a"]
    assert take(own / "other") == (False, True)
    assert take(own / "one") == (True, True)
    assert hosts() == ["Host b"] and has_made_config()
    assert take(None) == (True, False)
    assert not entries_file().exists()
