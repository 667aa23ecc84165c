from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.laptop.paths import home, places_of


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path / "home"))


def test_the_same_instance_has_the_same_places(tmp_path: Path) -> None:
    assert places_of(tmp_path, "trainer") == places_of(tmp_path, "trainer")


def test_two_projects_instances_of_one_name_share_nothing(tmp_path: Path) -> None:
    one, other = places_of(tmp_path / "a", "trainer"), places_of(tmp_path / "b", "trainer")
    assert one.known_hosts.parent != other.known_hosts.parent


@pytest.mark.parametrize("name", ["trainer", "host:28123", "../../etc", "fd00::1:22"])
def test_places_lie_in_a_folder_of_the_owner_only(tmp_path: Path, name: str) -> None:
    places = places_of(tmp_path, name)
    folder = places.known_hosts.parent
    assert folder.parent == tmp_path / "home" / "instances"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [oct(file.stat().st_mode & 0o777) for file in (places.known_hosts, places.ssh_config)] == ["0o600"] * 2


def test_what_is_known_of_a_host_stays(tmp_path: Path) -> None:
    places_of(tmp_path, "trainer").known_hosts.write_text("host key\n")
    assert places_of(tmp_path, "trainer").known_hosts.read_text() == "host key\n"


def test_without_the_variable_it_is_the_platforms_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    from platformdirs import user_data_path

    monkeypatch.delenv("GPUSTRAP_HOME")
    assert home() == user_data_path("gpustrap", appauthor=False)
