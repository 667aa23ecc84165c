"""What the doctor's script prints is read, whatever it is; and what it asks is what the clients say."""

from __future__ import annotations

import base64
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.engine.facts import doctor
from gpustrap.resolve.net.causes import cause_of
from gpustrap.resolve.net.probe import Probe
from gpustrap.resolve.net.seen import Room, Seen

BODY = base64.b64encode(b"Origin: Debian\n\x1b[31mred\n").decode()
LINES = f"""now\t1800000000
asker\tcurl
probe\tapt.1\tcurl\t23\tdeb.lan:80\thttp\t1.2.3.4 0.004 0.005 0.000 0.213 0.351 200 000 151075 429484 0\tdeb.lan 0\t1.2.3.4 ::1 \t\t{BODY}
probe\tnot enough
archive\tchanges.dist.lan
proxy\thttp_proxy http://10.0.0.9:3128
no_proxy\tlocalhost,.lan
ca\t/etc/ssl/certs/ca-certificates.crt
disk\t1000 10 /a b
inodes\t- - /dev
memory\tmax 12
pids\t1024 60
"""


def test_what_it_prints_is_read():
    assert doctor.read_seen(LINES, 1800000060.5) == Seen(
        probes=(
            Probe(
                "apt.1", "deb.lan:80", 23, "curl", "http", "1.2.3.4", 0.004, 0.005, 0.0, 0.213, 0.351, 200, 0, 151075,
                429484, 0, "deb.lan", 0, ("1.2.3.4", "::1"), "", "Origin: Debian\n[31mred\n",
            ),
        ),
        asker="curl",
        archives=("changes.dist.lan",),
        proxies=(("http_proxy", "http://10.0.0.9:3128"),),
        no_proxy="localhost,.lan",
        ca="/etc/ssl/certs/ca-certificates.crt",
        clock=1800000000,
        clock_behind=60.5,
        disks=(Room("/a b", 1000, 10),),
        pids=(1024, 60),
    )  # fmt: skip


@given(st.text(max_size=300).map(lambda text: LINES.replace("200", text).replace("curl", text)) | st.text())
def test_whatever_it_prints_nothing_is_raised_and_all_is_bounded(text):
    seen = doctor.read_seen(text, 0.0)
    assert len(seen.probes) <= doctor.MOST_PROBES


def probe_line(**other: str) -> str:
    fields = {
        "service": "pip.0", "by": "curl", "code": "0", "host": "a.lan:80", "scheme": "http",
        "numbers": "1.2.3.4 0.1 0.2 0.3 0.4 0.5 200 0 10 20 0", "end": "b.lan 403 small", "names": "1.2.3.4",
        "error": base64.b64encode(b"no\n\x1b[31mway").decode(), "body": base64.b64encode(b"body").decode(),
    } | other  # fmt: skip
    return "\t".join(fields.values())


KNOWN = Probe(
    "pip.0", "a.lan:80", 0, "curl", "http", "1.2.3.4", 0.1, 0.2, 0.3, 0.4, 0.5, 200, 0, 10, 20, 0,
    "b.lan", 403, ("1.2.3.4",), "no\n[31mway", "body", True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ({}, KNOWN),
        ({"code": "x"}, KNOWN),
        ({"numbers": "1.2.3.4"}, replace(
            KNOWN, dns=0, connect=0, tls=0, first=0, total=0, status=0, proxy_status=0, size=0, bytes_per_second=0, verify=0)),
        ({"numbers": "1.2.3.4 -1 nan 1e99 x 0.5 200 0 10 20 0"}, replace(KNOWN, dns=0, connect=0, tls=0, first=0)),
        ({"end": "b.lan"}, replace(KNOWN, browser=0, small=False)),
        ({"end": ""}, replace(KNOWN, end="", browser=0, small=False)),
        ({"end": "b.lan 403 smaller"}, replace(KNOWN, small=False)),
        ({"names": "1 2 3 4 5 6 7"}, replace(KNOWN, names=tuple("123456"))),
        ({"error": "not base64", "body": "!!!!"}, replace(KNOWN, error="", body="")),
        ({"end": "b" * 300 + " 403 small"}, replace(KNOWN, end="b" * 253)),
        ({"by": "a" * 11, "scheme": "b" * 6}, replace(KNOWN, by="a" * 10, scheme="b" * 5)),
        ({"error": base64.b64encode(b"a\xffb").decode(), "body": "aGk!="}, replace(KNOWN, error="a\ufffdb", body="")),
        ({"service": "p" * 50}, replace(KNOWN, service="p" * 40)),
        ({"host": "h" * 300}, replace(KNOWN, host="h" * 253)),
        ({"numbers": f"{'a' * 46} 0.1 0.2 0.3 0.4 0.5 {'2'.zfill(20)}9 0 10 20 0"}, replace(KNOWN, address="a" * 45, status=2)),
    ],
)  # fmt: skip
def test_a_probes_line_is_read_whole_and_bounded(said, known):
    assert doctor.probes_of([probe_line(**said), "no probe", probe_line(service=""), probe_line(host="")]) == (known,)


def test_no_more_disks_are_read_than_a_box_has_and_pip_is_asked_for_its_places():
    lines = "".join(f"disk\t5 1 /{at}\n" for at in range(40))
    assert len(doctor.read_seen(lines, None).disks) == 30
    asked = doctor.doctor("a b\tc")
    assert f"pip={shlex.quote(doctor.PIP)}\n" in asked
    places = shlex.quote(" ".join(doctor.CONDA_PREFIXES))
    own = {
        f"conda_prefixes={places}",
        f"builds={doctor.BUILDS}",
        f"build={doctor.BUILD}",
        "fixed='a b\tc'",
        "patience=3",
    }
    assert own <= {*asked.splitlines()}


def test_inodes_are_told_as_disks_are_and_no_proxys_address_is_endless():
    lines = f"inodes\t10 5 /\nproxy\tall_proxy http://{'p' * 194}\nproxy\thttp_proxy {'p' * 200}\nmemory\t10 x\n"
    proxies = (("all_proxy", f"http://{'p' * 193}"), ("http_proxy", "p" * 200))
    assert doctor.read_seen(lines, None) == Seen(inodes=(Room("/", 10, 5),), proxies=proxies)


def test_of_disks_and_limits_what_is_no_number_is_left_out():
    lines = "disk\t0 1 /z\ndisk\t5 x /x\ndisk\t5 0 /full\ndisk\t5 1\nmemory\t10 0\npids\t0 1\nno_room\tyes\n"
    assert doctor.read_seen(lines, None) == Seen(disks=(Room("/full", 5, 0),), memory=(10, 0), no_room=True)


TOOLS = {
    "apt-get": """[ "$1" = --version ] && echo "apt 2.6.1 (amd64)" || printf "'http://127.0.0.1:9/d/dists/x/InRelease' d_InRelease 0 \\n'http://127.0.0.1:9/d/x.deb' x 0\\n" """,
    "npm": "echo http://127.0.0.1:9/npm/",
    "git": """[ "$1" = version ] && echo "git version 2.39.5" || echo "http://127.0.0.1:9/$3" """,
    "conda": "printf 'channels:\\n  - conda-forge\\ndefault_channels:\\n  - http://127.0.0.1:9/main\\nchannel_alias: http://127.0.0.1:9/cloud\\n'",
    "python3": "printf 'pip\\thttp://127.0.0.1:9/simple/pip/\\tpip/25 {}\\n'",
    "getent": "true",
}


@pytest.fixture
def box(tmp_path):
    """A folder of clients that say where they ask: nobody is there."""
    for name, text in TOOLS.items():
        tool = tmp_path / name
        tool.write_text(f"#!/bin/sh\n{text}\n")
        tool.chmod(0o755)
    return tmp_path


def test_each_client_is_asked_where_it_asks(box):
    environment = {
        "PATH": f"{box}:{os.environ['PATH']}",
        "HF_ENDPOINT": "http://user:s3cret@127.0.0.1:9/hf/",
        "UV_PYTHON_INSTALL_MIRROR": "http://127.0.0.1:9/uv",
        "http_proxy": "http://user:s3cret@127.0.0.1:9",
        "no_proxy": "127.0.0.1",
    }
    done = subprocess.run(
        ["sh"], input=doctor.command(""), env=environment, capture_output=True, text=True, timeout=30, check=True
    )
    seen = doctor.read_seen(done.stdout)
    assert done.stderr == ""
    assert {(one.service, one.host) for one in seen.probes} == {
        (name, "127.0.0.1:9")
        for name in ("apt.1", "pip", "npm", "conda.conda-forge", "github", "hf", "hf-files", "python-build")
    }
    assert seen.proxies == (("http_proxy", "http://127.0.0.1:9"),)
    assert "s3cret" not in done.stdout
    assert any(room.place == "/" for room in seen.disks)


def seen_by(box, **more):
    """What is seen of a box with these clients, from its home, which is the folder itself."""
    here = {"HF_ENDPOINT": "http://127.0.0.1:9", "UV_PYTHON_INSTALL_MIRROR": "http://127.0.0.1:9"}
    environment = {"PATH": f"{box}:{os.environ['PATH']}", "HOME": str(box), **here, **more}
    words = {"input": doctor.command(""), "env": environment, "cwd": box, "capture_output": True, "text": True}
    return doctor.read_seen(subprocess.run(["sh"], timeout=60, check=True, **words).stdout)


@pytest.fixture
def served(tmp_path_factory):
    """A folder, and the URL at which a server has the one above it: a process, for the engine's sockets are no thread's."""
    folder = tmp_path_factory.mktemp("served") / "own"
    words = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", folder.parent]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        yield folder, re.search(r"http://[0-9.:]+", server.stdout.readline())[0]
        server.kill()


# Settings as `conda config --show` prints them, and the channels that are asked, with where each is.
CONDA = "channel_alias: {at}/alias\nchannels:\n{used}custom_channels:\n{custom}default_channels:\n  - {at}/pkgs/main\n  - {at}/pkgs/r\n"
DEFAULTS = {"conda.main": "/pkgs/main", "conda.r": "/pkgs/r"}


@pytest.mark.parametrize(
    ("used", "custom", "asked"),
    [
        (["defaults"], {}, DEFAULTS),
        ([], {}, DEFAULTS),
        (["pytorch", "defaults"], {}, {"conda.pytorch": "/alias/pytorch", **DEFAULTS}),
        (["pytorch"], {"pytorch": "/cloud", "nvidia": "/cloud"}, {"conda.pytorch": "/cloud/pytorch"}),
        (["{at}/own/pytorch/", "pytorch"], {}, {"conda.pytorch": "/own/pytorch", "conda.pytorch-2": "/alias/pytorch"}),
        (["nvidia/label/cuda-12.8"], {}, {"conda.cuda-12-8": "/alias/nvidia/label/cuda-12.8"}),
        (["file:///opt/channel", "conda-forge"], {}, {"conda.conda-forge": "/alias/conda-forge"}),
        ([f"c{at}" for at in range(9)], {}, {f"conda.c{at}": f"/alias/c{at}" for at in range(6)}),
    ],
)
def test_each_channel_that_condas_settings_use_is_asked_where_conda_would(box, served, used, custom, asked):
    folder, url = served
    at = f"{url}/{folder.name}"
    for place in asked.values():
        index = folder / place.lstrip("/") / "noarch" / "repodata.json"
        index.parent.mkdir(parents=True)
        index.write_text("{}")
    words = {
        "at": at,
        "used": "".join(f"  - {each.replace('{at}', at)}\n" for each in used),
        "custom": "".join(f"  {name}: {at}{place}\n" for name, place in custom.items()),
    }
    (box / "said").write_text(CONDA.format(**words))
    (box / "conda").write_text(f"#!/bin/sh\ncat {box}/said\n")
    seen = seen_by(box)
    conda = {one.service: cause_of(one, seen).word for one in seen.probes if one.service.startswith("conda")}
    assert conda == dict.fromkeys(asked, "works")


def test_where_a_distributions_archive_is_and_npms_own_default_are_told_whatever_the_settings_say(box):
    (box / "npm").write_text(
        """#!/bin/sh
case "$*" in *userconfig*globalconfig*) echo https://npm.own:8443/ ;; *) echo http://127.0.0.1:9/npm/ ;; esac
"""
    )
    (box / "apt-config").write_text(
        """#!/bin/sh
echo 'Acquire::Changelogs::URI::Origin "";'
echo 'Acquire::Changelogs::URI::Origin::Debian "https://changes.dist.lan/changelogs/@CHANGEPATH@_changelog";'
"""
    )
    (box / "apt-config").chmod(0o755)
    seen = seen_by(box)
    assert (seen.upstreams, seen.archives) == (("npm.own",), ("changes.dist.lan",))


@pytest.mark.skipif(shutil.which("npm") is None, reason="no npm on this machine")
def test_npms_default_is_read_past_the_settings_of_the_home_and_leaves_nothing_there(box):
    """By the real npm, run in the home: its .npmrc is that of a project too."""
    (box / "npm").unlink()
    words = ["npm", "config", "get", "registry"]
    own = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    default = subprocess.run(words, env=own, cwd="/", capture_output=True, text=True, timeout=60, check=True).stdout
    (box / ".npmrc").write_text("registry=http://127.0.0.1:9/npm/\n")
    seen = seen_by(box, npm_config_registry="http://127.0.0.1:9/other/")
    assert seen.upstreams == (urlsplit(default.strip()).hostname,)
    assert [one.host for one in seen.probes if one.service == "npm"] == ["127.0.0.1:9"]
    assert sorted(each.name for each in box.iterdir()) == sorted([".npmrc", *(set(TOOLS) - {"npm"})])


def test_a_client_that_names_no_place_is_told(box):
    for name in ("apt-get", "npm", "conda"):
        (box / name).write_text("#!/bin/sh\nexit 1\n")
    environment = {
        "PATH": f"{box}:{os.environ['PATH']}",
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "UV_PYTHON_INSTALL_MIRROR": "http://127.0.0.1:9",
    }
    done = subprocess.run(["sh"], input=doctor.command(""), env=environment, capture_output=True, text=True, timeout=30)
    seen = doctor.read_seen(done.stdout)
    assert sorted(seen.silent) == ["apt", "conda", "npm"]
    assert not {"apt", "conda", "npm"} & {one.service.partition(".")[0] for one in seen.probes}


def test_clients_that_hang_take_no_more_than_their_time(box):
    for name in ("apt-get", "npm", "conda", "git", "python3"):
        (box / name).write_text("#!/bin/sh\nsleep 60\n")
    began = time.monotonic()
    environment = {
        "PATH": f"{box}:{os.environ['PATH']}",
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "UV_PYTHON_INSTALL_MIRROR": "http://127.0.0.1:9",
    }
    subprocess.run(["sh"], input=doctor.command(""), env=environment, capture_output=True, text=True, timeout=30)
    assert time.monotonic() - began < 8


@pytest.mark.parametrize(("device", "asked"), [("eth0", True), ("lo", False)])
def test_ipv6_is_tried_alone_where_there_is_a_route(box, tmp_path, monkeypatch, device, asked):
    routes = tmp_path / "routes"
    routes.write_text(f"{'0' * 32} 00 {'0' * 32} 00 {'f' * 32} 00000400 00000001 00000000 00000003 {device}\n")
    monkeypatch.setattr(doctor, "ROUTES", str(routes))
    environment = {"PATH": f"{box}:{os.environ['PATH']}", "HF_ENDPOINT": "http://localhost:9"}
    done = subprocess.run(["sh"], input=doctor.command(""), env=environment, capture_output=True, text=True, timeout=30)
    seen = doctor.read_seen(done.stdout)
    assert (seen.ipv6 is not None) is asked
    assert "ipv6" not in {one.service for one in seen.probes}


def test_where_no_file_can_be_written_nothing_is_asked_and_that_is_told(box):
    (box / "mktemp").write_text("#!/bin/sh\nexit 1\n")
    (box / "mktemp").chmod(0o755)
    done = subprocess.run(
        ["sh"],
        input=doctor.command(),
        env={"PATH": f"{box}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.stdout, done.stderr) == ("no_room\tyes\n", "")
    assert doctor.read_seen(done.stdout) == Seen(no_room=True)
