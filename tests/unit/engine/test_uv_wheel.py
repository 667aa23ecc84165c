from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from gpustrap.catalog.uv import UvWheel
from gpustrap.engine import uv_wheel
from gpustrap.errors import InstanceFailed

WHEEL = UvWheel(version="0.9.11", arch="aarch64", sha256="ab" * 32, source="a list", read=date(2026, 11, 23))


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[list[str]]]:
    """Stand in for the laptop's uv and its cache folder; gives the calls that were made."""
    import platformdirs

    calls: list[list[str]] = []

    def cache(name: str, appauthor: object) -> Path:
        assert (name, appauthor) == ("gpustrap", False)  # on Windows an author would be a folder of its own
        return tmp_path / "cache"

    monkeypatch.setattr(platformdirs, "user_cache_path", cache)

    def stand_in(status: int = 0, stderr: str = "") -> list[list[str]]:
        def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
            calls.append(command)
            if status == 0:
                binary = Path(command[command.index("--target") + 1]) / "bin" / "uv"
                binary.parent.mkdir(parents=True)
                binary.write_bytes(b"\x7fELF")
            return subprocess.CompletedProcess(command, status, "", stderr)

        monkeypatch.setattr(subprocess, "run", run)
        return calls

    return stand_in


def test_the_binary_is_downloaded_once_and_kept_packed(uv, tmp_path: Path) -> None:
    calls = uv()
    packed = uv_wheel.packed_binary(WHEEL)
    assert gzip.decompress(packed.read_bytes()) == b"\x7fELF"
    assert uv_wheel.packed_binary(WHEEL) == packed
    assert len(calls) == 1
    assert [path for path in (tmp_path / "cache" / "uv").iterdir()] == [packed]


def test_the_wheel_is_asked_for_by_version_hash_and_platform(uv, monkeypatch) -> None:
    asked: list[str] = []
    calls = uv()
    run = subprocess.run

    def reading(command: list[str], **options: object) -> object:
        asked.append(Path(command[-1]).read_text())
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", reading)
    uv_wheel.packed_binary(WHEEL)
    assert asked == [f"uv==0.9.11 --hash=sha256:{'ab' * 32}\n"]
    (command,) = calls
    assert command[:5] == [sys.executable, "-m", "uv", "pip", "install"]
    assert command[command.index("--python-platform") + 1] == "aarch64-manylinux_2_17"
    assert "--require-hashes" in command


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        ("Resolving\n  x Failed to fetch: hash mismatch  \n", "x Failed to fetch: hash mismatch"),
        (
            "error: Failed to fetch: `https://index.lan/uv/`\n  Caused by: invalid peer certificate: UnknownIssuer\n\n"
            "hint: Consider enabling use of system TLS certificates\n",
            "Caused by: invalid peer certificate: UnknownIssuer",
        ),
        ("", "uv said nothing"),
        (" \n \n", "uv said nothing"),
    ],
)
def test_a_download_that_fails_says_so_in_uvs_words_and_keeps_nothing(uv, tmp_path: Path, stderr, said) -> None:
    uv(status=2, stderr=stderr)
    with pytest.raises(InstanceFailed) as failed:
        uv_wheel.packed_binary(WHEEL)
    assert str(failed.value) == (
        f"python | uv: the laptop cannot download uv 0.9.11: {said}\n"
        "hint: set python.source: instance, or check the laptop's index"
    )
    assert list((tmp_path / "cache" / "uv").iterdir()) == []


def test_each_wheel_has_a_file_of_its_own(uv, tmp_path: Path) -> None:
    uv()
    assert uv_wheel.packed_binary(WHEEL) == tmp_path / "cache" / "uv" / "0.9.11-aarch64-abababab.gz"
    other = WHEEL.model_copy(update={"sha256": "cd" * 32})
    assert uv_wheel.packed_binary(other).name == "0.9.11-aarch64-cdcdcdcd.gz"
    assert gzip.decompress(uv_wheel.packed_binary(other).read_bytes()) == b"\x7fELF"


def test_uv_is_run_quietly_alone_and_without_colours(uv, monkeypatch) -> None:
    given: dict[str, object] = {}
    (calls, run) = uv(), subprocess.run

    def noting(command: list[str], **options: object) -> object:
        given.update(options)
        return run(command, **options)

    monkeypatch.setenv("ANY", "thing")
    monkeypatch.setattr(subprocess, "run", noting)
    uv_wheel.packed_binary(WHEEL)
    environment = given.pop("env")
    assert (environment["NO_COLOR"], environment["ANY"]) == ("1", "thing")
    assert given == {"capture_output": True, "text": True, "check": False}
    (command,) = calls
    assert command[5:8] == ["--quiet", "--no-deps", "--require-hashes"]
    assert command[8] == "--target" and command[9].endswith("/target")
    assert command[-2] == "-r" and command[-1].endswith("/requirements.txt")


def test_it_is_unpacked_on_the_disk_of_the_cache(uv, tmp_path: Path, monkeypatch) -> None:
    import tempfile

    folders: list[object] = []
    made = tempfile.TemporaryDirectory
    monkeypatch.setattr(tempfile, "TemporaryDirectory", lambda dir: folders.append(dir) or made(dir=dir))
    uv()
    uv_wheel.packed_binary(WHEEL)
    assert folders == [tmp_path / "cache" / "uv"]
