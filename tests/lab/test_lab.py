from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import filelock
import pytest
from typer.testing import CliRunner

from gpustrap.cli.lab import app
from gpustrap.errors import BadInput, InstanceFailed
from gpustrap.lab import images, make, ports, targets
from gpustrap.lab.box import PREFIX
from gpustrap.lab.engine import find_engine
from gpustrap.lab.images import PACKAGES, Recipe
from gpustrap.lab.owner import owner_mark

UP = "import sys; from gpustrap.lab.targets import up; print(up(sys.argv[1], sys.argv[2], owner=sys.argv[3]))"


def python(code: str, *arguments: str, **options) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True, **options)


def things_named(name: str) -> dict[str, bool]:
    kinds = ("container", "volume", "network")
    return {kind: bool(find_engine().inspect(kind, PREFIX + name)) for kind in kinds}


NOTHING = {"container": False, "volume": False, "network": False}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("id -un", "root"),
        ("hostname", "{name}"),
        ("cat /etc/gpustrap-lab", "name={name}\nrelease={release}"),
        ('. /etc/os-release; echo "$ID-$VERSION_ID"', "{release}"),
        ("cat /proc/1/comm", "sshd"),
        (
            "ls -d /run/systemd/system 2>&1",
            "ls: cannot access '/run/systemd/system': No such file or directory",
        ),
        ("env | grep -ic proxy", "0"),
    ],
)
def test_a_box_looks_like_a_rented_instance(shared_box, ssh, question, answer):
    expected = answer.format(name=shared_box.name, release=shared_box.release)
    assert ssh(shared_box, f"{question} || true") == expected


def test_debian_12_has_deb822_sources_and_debian_11_a_sources_list(shared_box, ssh):
    files = ssh(shared_box, "cd /etc/apt; ls -d sources.list sources.list.d/* 2>/dev/null || true")
    assert files == {"debian-12": "sources.list.d/debian.sources", "debian-11": "sources.list"}[shared_box.release]


@pytest.mark.one_release
def test_port_8080_inside_is_reached_from_this_machine(box, ssh):
    ssh(box, "tmux new-session -d -s web 'cd /etc && exec python3 -m http.server 8080'")
    ssh(box, "curl -s --retry 20 --retry-connrefused --retry-delay 1 -o /dev/null 127.0.0.1:8080")
    with urllib.request.urlopen(f"{box.url}/gpustrap-lab", timeout=10) as answer:
        assert answer.read().decode() == f"name={box.name}\nrelease={box.release}\n"


@pytest.mark.one_release
def test_orphans_do_not_stay_as_zombies(box, ssh):
    ssh(box, "setsid -f true; setsid -f true")
    assert ssh(box, "ps -eo stat= | grep -c Z || true") == "0"


@pytest.mark.one_release
def test_up_twice_gives_the_same_box(box, ssh):
    ssh(box, "touch /root/mine")
    assert targets.up(box.name, box.release) == box == targets.target(box.name)
    assert ssh(box, "ls /root") == "mine"


@pytest.mark.one_release
def test_two_ups_at_once_give_one_box(box):
    targets.down(box.name)
    both = [python(UP, box.name, box.release, owner_mark()) for _ in range(2)]
    first, second = (each.communicate(timeout=120)[0] for each in both)
    assert first == second == f"{targets.target(box.name)}\n"


@pytest.mark.one_release
def test_a_stopped_box_starts_again_as_it_was(box, engine, ssh):
    ssh(box, "touch /root/mine")
    engine.run("stop", PREFIX + box.name)
    assert [each.state for each in targets.ls() if each.target == box] == ["exited"]
    assert targets.up(box.name, box.release) == box
    assert ssh(box, "ls /root") == "mine"


@pytest.mark.one_release
def test_an_up_cut_short_is_made_good_by_the_next(make_box, ssh, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(make, "start", interrupt)
        make_box()
    [cut_short] = [each for each in targets.ls() if each.state == "created" and each.owner == owner_mark()]
    whole = targets.up(cut_short.target.name, cut_short.target.release, owner=owner_mark())
    assert ssh(whole, "hostname") == whole.name


def interrupt(*_):
    raise KeyboardInterrupt


@pytest.fixture
def other_program():
    """A program that listens on a port of this machine."""
    with socket.create_server(("127.0.0.1", ports.free_ports(())[0])) as server:
        yield server


@pytest.mark.one_release
def test_a_port_that_another_program_takes_first_is_no_failure(make_box, other_program, monkeypatch):
    free, taken = ports.free_ports(()), other_program.getsockname()
    offers = iter([(taken[1], free[1]), free])
    monkeypatch.setattr(ports, "free_ports", lambda _: next(offers))
    made = make_box()
    assert (made.ssh_port, made.http_port) == free
    with socket.create_connection(taken, timeout=5) as client:
        assert client.getsockname() == other_program.accept()[1]


@pytest.mark.one_release
def test_a_stopped_box_whose_port_is_taken_says_so(box, engine):
    engine.run("stop", PREFIX + box.name)
    with socket.create_server(("127.0.0.1", box.http_port)), pytest.raises(InstanceFailed) as failed:
        targets.up(box.name, box.release)
    assert str(failed.value) == (
        f"another program uses port {box.http_port} of lab target '{box.name}'\n"
        f"hint: end that program, or `gpustrap lab down {box.name}` and `lab up` for other ports"
    )


@pytest.mark.one_release
def test_a_new_box_does_not_take_a_stopped_ones_ports(box, make_box, engine, monkeypatch):
    engine.run("stop", PREFIX + box.name)
    own = (box.ssh_port, box.http_port)
    free = ports.free_ports(())
    monkeypatch.setattr(ports, "PORTS", (*own, *free))
    made = make_box()
    assert {made.ssh_port, made.http_port} == set(free)


@pytest.mark.one_release
def test_another_release_under_the_same_name_is_refused(shared_box):
    other = next(release for release in images.RELEASES if release != shared_box.release)
    with pytest.raises(BadInput) as refused:
        targets.up(shared_box.name, other)
    assert str(refused.value) == (
        f"lab target '{shared_box.name}' is {shared_box.release}, not {other}\n"
        f"hint: `gpustrap lab down {shared_box.name}` removes it and its data"
    )


def test_reset_keeps_data_and_gives_a_new_host_key(box, ssh):
    ssh(box, "echo precious >/data/kept; touch /root/gone")
    known = box.known_hosts.read_text()
    assert targets.reset(box.name) == box
    assert ssh(box, "cat /data/kept; ls /root") == "precious"

    box.known_hosts.write_text(known)
    refused = subprocess.run([*box.ssh_command, "true"], capture_output=True, text=True)
    assert refused.returncode == 255
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED!" in refused.stderr


@pytest.mark.one_release
def test_down_leaves_nothing(make_box):
    network = f"t-{secrets.token_hex(4)}"
    box = make_box(network=network)
    targets.down(box.name)
    assert things_named(box.name) == NOTHING == things_named(network)
    assert targets.target(box.name) is None
    assert not box.known_hosts.exists()


def test_the_box_counts_its_sessions(box, ssh):
    before = targets.sessions(box.name)
    ssh(box, "true")
    ssh(box, "true")
    host, sftp = box.ssh_command[-1], ["sftp", *box.ssh_command[1:-1], "-b", "-"]
    sftp[sftp.index("-p")] = "-P"
    subprocess.run([*sftp, host], input="pwd\n", check=True, capture_output=True, text=True)
    assert before == {"connections": 0, "execs": 0, "sftp": 0}
    end = time.monotonic() + 10  # sshd's last line may not be in the log yet
    while (counted := targets.sessions(box.name)) != {"connections": 3, "execs": 2, "sftp": 1}:
        assert time.monotonic() < end, counted


@pytest.mark.one_release
def test_what_a_killed_run_left_is_removed_and_a_living_ones_stays(box):
    code = "import os, sys; from gpustrap.lab.owner import owner_mark; " + UP.replace("sys.argv[3]", "owner_mark()")
    name = f"{box.name}-left"
    with python(f"{code}; sys.stdout.flush(); sys.stdin.read()", name, box.release, stdin=subprocess.PIPE) as run:
        assert name in run.stdout.readline()
        assert name in [each.target.name for each in targets.ls()]
        run.send_signal(signal.SIGKILL)
    assert [each.target for each in targets.ls() if each.target.name.startswith(box.name)] == [box]
    assert things_named(name) == NOTHING


@pytest.mark.one_release
def test_a_container_that_the_lab_did_not_make_is_not_touched(shared_box, engine):
    name = f"{shared_box.name}-foreign"
    made = engine.run("create", "--name", PREFIX + name, Recipe(shared_box.release).tag, "true").strip()
    refusal = (
        f"the container {PREFIX}{name} was not made by the lab\n"
        f"hint: `{engine.name} rename {PREFIX}{name} OTHER` frees the name"
    )
    try:
        for verb in (targets.down, targets.reset, lambda name: targets.up(name, shared_box.release)):
            with pytest.raises(InstanceFailed) as refused:
                verb(name)
            assert str(refused.value) == refusal
        assert name not in [each.target.name for each in targets.ls()]
        assert [each["Id"] for each in engine.inspect("container", PREFIX + name)] == [made]
    finally:
        engine.run("rm", "-f", made)


@pytest.mark.one_release
def test_a_box_on_an_internal_network_reaches_its_neighbours_and_nothing_else(make_box, shared_box, ssh):
    network = f"{shared_box.name}-net"
    first, second = make_box(network=network), make_box(network=network)
    inside = "</dev/tcp/{}/22 && echo reached || echo cut off"
    assert ssh(first, inside.format(second.ssh_host)) == "reached"
    outside = ssh(shared_box, "hostname -I")
    assert ssh(first, f"({inside.format(outside)}) 2>/dev/null") == "cut off"
    assert (first.ssh_port, first.http_port) == (22, 8080)


@pytest.mark.one_release
def test_a_box_trusts_what_this_machine_trusts(make_box, ssh, monkeypatch, tmp_path):
    bundle = tmp_path / "company.pem"
    bundle.write_text("the company's certificate\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert ssh(make_box(), "cat /etc/ssl/certs/ca-certificates.crt") == "the company's certificate"


@pytest.mark.one_release
def test_a_lab_folder_with_another_key_is_let_in_too(box, ssh, monkeypatch, tmp_path):
    monkeypatch.setenv("GPUSTRAP_LAB_HOME", str(tmp_path))
    seen_from_there = targets.up(box.name, box.release)
    assert seen_from_there.key.is_relative_to(tmp_path)
    assert ssh(seen_from_there, "hostname") == ssh(box, "hostname")


def test_a_changed_recipe_counts_as_another_image(engine, release):
    recipe = Recipe(release)
    assert images.is_built(engine, recipe)
    assert not images.is_built(engine, replace(recipe, packages=(*PACKAGES, "nano")))


@pytest.fixture
def debootstrap(tmp_path, monkeypatch):
    """Puts a debootstrap of the test's own before the real one, and a lab folder of its own with it."""

    def replace_by(script: str) -> None:
        (tmp_path / "bin").mkdir(exist_ok=True)
        program = tmp_path / "bin" / "debootstrap"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
        monkeypatch.setenv("GPUSTRAP_LAB_HOME", str(tmp_path / "home"))

    return replace_by


BUILD = """
import sys
from gpustrap.lab.engine import find_engine
from gpustrap.lab.images import Recipe, ensure
ensure(find_engine(), Recipe("debian-12", repository=sys.argv[1]))
"""


@pytest.mark.one_release
def test_a_killed_build_leaves_no_image(debootstrap, engine, tmp_path):
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    debootstrap(f'exec 3>{alive}; mkdir -p "$5/proc"; mount -t proc proc "$5/proc"; echo half >&3; exec sleep 600')
    recipe = Recipe("debian-12", repository=f"localhost/gpustrap-lab-test-{os.getpid()}")
    with python(BUILD, recipe.repository) as build, alive.open() as written:
        assert written.readline() == "half\n"
        build.send_signal(signal.SIGKILL)
        assert written.read() == ""  # its end: debootstrap died with the build
    assert not images.is_built(engine, recipe)
    assert list((tmp_path / "home").glob("build-*")) != []

    debootstrap("echo 'E: Couldn'\\''t download packages: base-files' ; exit 1")
    with pytest.raises(InstanceFailed) as failed:
        images.ensure(engine, recipe)
    assert str(failed.value) == "debootstrap: E: Couldn't download packages: base-files"
    assert list((tmp_path / "home").glob("build-*")) == []


@pytest.mark.one_release
def test_a_build_waits_for_the_same_build_of_another_process(debootstrap, engine, tmp_path):
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    debootstrap(f"exec 3>{alive}; echo first >&3; read go <{alive}.go; exit 1")
    os.mkfifo(f"{alive}.go")
    repository = f"localhost/gpustrap-lab-test-{os.getpid()}"
    said: list[str] = []

    def second_build() -> None:
        with pytest.raises(InstanceFailed):
            images.ensure(engine, Recipe("debian-12", repository=repository), say)

    def say(line: str) -> None:
        said.append(line)
        if "waiting" in line:
            debootstrap("exit 1")
            Path(f"{alive}.go").write_text("\n")

    with python(BUILD, repository, stderr=subprocess.DEVNULL), alive.open() as written:
        assert written.readline() == "first\n"
        with ThreadPoolExecutor() as pool:
            pool.submit(second_build).result(timeout=60)
    assert said[0] == "image-debian-12 is being worked on elsewhere; waiting for it"


@pytest.mark.one_release
def test_ls_prints_exactly_one_json_object(shared_box):
    printed = CliRunner().invoke(app, ["ls", "--json", "--all"], catch_exceptions=False).stdout
    assert json.loads(printed)["targets"][shared_box.name] == {
        "name": shared_box.name,
        "project": None,
        "flavour": None,
        "user": "root",
        "release": shared_box.release,
        "ssh_host": "127.0.0.1",
        "ssh_port": shared_box.ssh_port,
        "http_port": shared_box.http_port,
        "key": str(shared_box.key),
        "known_hosts": str(shared_box.known_hosts),
        "url": f"http://127.0.0.1:{shared_box.http_port}",
        "state": "running",
        "owner": owner_mark(),
    }


@pytest.mark.one_release
def test_ls_is_a_table_for_a_person(shared_box):
    lines = CliRunner().invoke(app, ["ls", "--all"], catch_exceptions=False).stdout.splitlines()
    [mine] = [line.split() for line in lines if shared_box.name in line]
    assert mine == [shared_box.name, shared_box.release, "-", "running", shared_box.url, "of", "no", "project"]


@pytest.mark.one_release
def test_reset_and_down_by_the_command_line(box):
    reset = CliRunner().invoke(app, ["reset", box.name], catch_exceptions=False)
    assert reset.stdout.splitlines()[1] == f"port 8080: {box.url}"
    CliRunner().invoke(app, ["down", box.name], catch_exceptions=False)
    assert things_named(box.name) == NOTHING


@pytest.mark.parametrize("verb", ["down", "reset"])
@pytest.mark.one_release
def test_a_misspelt_name_gets_the_nearest_one(shared_box, verb):
    with pytest.raises(BadInput) as refused:
        CliRunner().invoke(app, [verb, f"{shared_box.name}x"], catch_exceptions=False)
    assert str(refused.value) == f"there is no lab target '{shared_box.name}x'; nearest: '{shared_box.name}'"


@pytest.mark.parametrize("arguments", [["down"], ["down", "demo", "--all"]])
@pytest.mark.one_release
def test_down_takes_names_or_all(arguments):
    with pytest.raises(BadInput) as refused:
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert str(refused.value) == ("lab down takes either names or --all\nhint: `gpustrap lab ls` lists the targets")


def test_a_fresh_debian_gets_all_that_the_lab_needs(make_box, ssh, release):
    if release != "debian-12":
        pytest.skip("Debian 11 has no Python that runs gpustrap")
    fresh = make_box()
    source, library = Path(targets.__file__).parents[2], Path(filelock.__file__).parents[1]
    packing = ["tar", "-c", "-C", source, "gpustrap", "-C", library, "filelock"]
    with subprocess.Popen(packing, stdout=subprocess.PIPE) as packed:
        subprocess.run([*fresh.ssh_command, "tar -C /opt -x"], stdin=packed.stdout, check=True)
    install = "cd /opt && GPUSTRAP_LAB_HOME=/tmp/lab python3 -m gpustrap.lab.requirements 2>&1"
    assert ssh(fresh, install).splitlines() == [
        "reading apt's package lists",
        "installing podman runc netavark aardvark-dns uidmap iptables debootstrap",
    ]
    assert ssh(fresh, install) == ""
    found = "from gpustrap.lab.engine import find_engine; print(find_engine().run('--version'))"
    assert ssh(fresh, f'cd /opt && GPUSTRAP_LAB_HOME=/tmp/lab python3 -c "{found}"').startswith("podman version")
