"""What a box says of the hosts that its clients ask; a hostile one says anything."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from gpustrap.engine.facts.lent import MOST_HOSTS, Told, command, read


def test_hosts_and_an_open_port_are_read() -> None:
    assert read(b"host\tA.example\nhost\ta.example\nhost\tB.Example\nopen\tyes\n") == Told(
        ("a.example", "b.example"), True
    )


@pytest.mark.parametrize(
    "said",
    [b"", b"host\n", b"host\trouter", b"host\t.", b"host\ta b.c", b"\xff\t\xff", b"open\tno", b"other\ta.example"],
)
def test_what_is_no_public_name_is_passed_over(said: bytes) -> None:
    assert read(said) == Told()


def test_a_box_cannot_say_more_than_some() -> None:
    assert len(read(b"".join(b"host\ta%d.example\n" % n for n in range(999))).hosts) == MOST_HOSTS


def test_the_clients_are_asked_and_not_their_files(tmp_path) -> None:
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\necho \"'http://me:pw@apt.example/debian/dists/x/InRelease' x 0\"\n")
    apt.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(["sh"], input=command(9).encode(), env=environment, capture_output=True, check=True)
    assert "apt.example" in read(done.stdout).hosts
    assert not read(done.stdout).open_to_others
    assert b"pw" not in done.stdout


@pytest.mark.parametrize(("address", "is_open"), [("0.0.0.0", True), ("127.0.0.1", False)])
def test_a_port_that_others_reach_is_open(tmp_path, address: str, is_open: bool) -> None:
    for client in ("apt-get", "python3", "npm"):
        (tmp_path / client).write_text("#!/bin/sh\n")
        (tmp_path / client).chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    with socket.create_server((address, 0)) as server:
        text = command(server.getsockname()[1])
        done = subprocess.run(["sh"], input=text.encode(), env=environment, capture_output=True, check=True)
    assert read(done.stdout) == Told((), is_open)


def test_pip_is_asked_by_its_own_words(tmp_path) -> None:
    (tmp_path / "pip" / "_internal" / "models").mkdir(parents=True)
    for module in ("", "_internal", "_internal/models"):
        (tmp_path / "pip" / module / "__init__.py").touch()
    index = (
        'PyPI = type("Index", (), {"url": "https://index.example/simple", "file_storage_domain": "files.example"})\n'
    )
    (tmp_path / "pip" / "_internal" / "models" / "index.py").write_text(index)
    # Isolated, Python reads no PYTHONPATH: so the folder stands before the words.
    python = tmp_path / "python3"
    python.write_text(f"#!/bin/sh\nexec {sys.executable} -I -c \"import sys; sys.path.insert(0, '{tmp_path}')\n$3\"\n")
    python.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(["sh"], input=command(9).encode(), env=environment, capture_output=True, check=True)
    assert {"index.example", "files.example"} <= set(read(done.stdout).hosts)
