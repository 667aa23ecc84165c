"""The script that installs torch, run against a uv that only writes down what it is asked, and a curl that plays."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import sys
import zipfile
from dataclasses import dataclass

import pytest

from gpustrap import content
from gpustrap.resolve.torch.answer import Source

FIRST, SECOND = "http://first/whl/cu126", "http://second/cu126/"
INDEX = "http://pypi.internal/simple"
# Fails where one of the words of FAILS is in its command line; `uv venv` makes an environment; `uv pip compile`
# says what stands in the file `lock`, `--dry-run` what stands in `would`.
UV = """#!/bin/sh
env | grep -E "^(UV|PIP|PYTHON|VIRTUAL|CONDA)" | sort >variables
case "$*" in *--dry-run*) cat would 2>/dev/null ;; "pip compile"*) cat lock 2>/dev/null; exit 0 ;; *) echo "$*" >>"$ASKED" ;; esac
for word in $FAILS; do case "$*" in *"$word"*) exit 2 ;; esac; done
if [ "$1" = venv ]; then
  for last; do :; done
  mkdir -p "$last/bin" && : >"$last/pyvenv.cfg"
fi
"""
# Plays the next [bytes to bring, exit code, HTTP status] of the file `plays`, else brings all; goes on where the file ends.
CURL = f"""#!{sys.executable}
import json, sys
from pathlib import Path
said = dict(zip(sys.argv, sys.argv[1:]))
part, plays, wheel = Path(said["-o"]), Path("plays"), Path("wheel").read_bytes()
count, code, status = (left := json.loads(plays.read_text())).pop(0) if plays.exists() else (None, 0, 200)
had = part.stat().st_size if part.exists() and said.get("-C") == "-" else 0
with Path("curled").open("a") as curled:
    print(sys.argv[-1], had, file=curled)
Path(said["-D"]).write_text(f"HTTP/1.1 {{status}}\\r\\nContent-Range: bytes {{had}}-{{len(wheel) - 1}}/{{len(wheel)}}\\r\\n")
with part.open("ab") as file:
    file.write(wheel[had:][:count])
if plays.exists():
    plays.write_text(json.dumps(left)) if left else plays.unlink()
Path("brought").touch()
while code == 18 and Path("watched").exists() and " MB/s" not in Path("log").read_text():
    pass
sys.exit(code)
"""
# The script's waits take no time, but for the watcher's of uv's cache; the first report comes when curl brought something.
SLEEP = """#!/bin/sh
exec 2>/dev/null
case $1 in 10) exec /bin/sleep 10 ;; 5) mkdir told || exec /bin/sleep 5; until [ -e brought ]; do :; done ;; *) echo "$1" >>slept ;; esac
"""


@dataclass
class Ran:
    """What uv was asked to change, a line a call; what curl was asked, as [URL, bytes that it had]."""

    code: int
    asked: list[str]
    log: str
    curled: list[list[str]]


@pytest.fixture
def run(tmp_path):
    """Renders the script for an installation and runs it."""
    from roles.torch.resolve import Installation

    for name, text in {"uv": UV, "bin/curl": CURL, "bin/sleep": SLEEP}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    venv = tmp_path / "the place" / "venvs" / "torch"

    def run(fails=(), variables=None, **changes):
        usual = {
            "uv": str(tmp_path / "uv"),
            "python": f"{venv}/bin/python",
            "python_version": "3.11",
            "venv": str(venv),
            "base": "/usr/bin/python3",
            "managed": False,
            "also_on_pypi": False,
            "pypi": INDEX,
            "mirrors": (Source("index", FIRST), Source("find-links", SECOND)),
            "from_mirrors": ("torch==2.9.1+cu126",),
            "requirements": ("torch==2.9.1+cu126",),
        }
        text = content.template_environment(tmp_path)
        text.filters["quote"] = shlex.quote
        installation, place = Installation(**{**usual, **changes}), str(tmp_path / "the place")
        (tmp_path / "run").write_text(
            text.get_template("torch/install.sh.j2").render(installation=installation, place=place)
        )
        path = f"{tmp_path}/bin:{os.environ['PATH']}"
        told = {"ASKED": str(tmp_path / "asked"), "FAILS": " ".join(fails), "PATH": path, **(variables or {})}
        for written in ("asked", "curled"):
            (tmp_path / written).write_text("")
        with (tmp_path / "log").open("w") as log:
            code = subprocess.run(["sh", "run"], cwd=tmp_path, env=told, stdout=log, stderr=log).returncode
        asked = (tmp_path / "asked").read_text().replace(f"{tmp_path}/", "").splitlines()
        curled = [line.split() for line in (tmp_path / "curled").read_text().splitlines()]
        return Ran(code, asked, (tmp_path / "log").read_text(), curled)

    return run


VENV = "venv --no-python-downloads --python /usr/bin/python3 the place/venvs/torch"
INSTALL = "pip install --python the place/venvs/torch/bin/python"
FROM_FIRST = f"{INSTALL} --no-deps --default-index {FIRST} torch==2.9.1+cu126"
FROM_SECOND = f"{INSTALL} --no-deps --no-index --find-links {SECOND} torch==2.9.1+cu126"
FROM_INDEX = f"{INSTALL} --default-index {INDEX} torch==2.9.1+cu126"


def test_the_pin_comes_from_the_mirror_alone_and_its_dependencies_from_the_index(run):
    ran = run()
    assert (ran.code, ran.asked) == (0, [VENV, FROM_FIRST, FROM_INDEX])


def test_where_a_mirror_fails_the_next_is_asked(run):
    ran = run(fails=[FIRST])
    assert (ran.code, ran.asked) == (0, [VENV, FROM_SECOND, FROM_INDEX])


def test_where_all_mirrors_fail_nothing_else_is_taken_for_it(run):
    ran = run(fails=[FIRST, SECOND])
    assert (ran.code, ran.asked) == (1, [VENV])


def test_where_all_mirrors_fail_the_index_is_asked_for_the_same_build(run):
    """A torch of another CUDA that stands there would satisfy the plain pin: it is installed anew."""
    ran = run(fails=[FIRST, SECOND], also_on_pypi=True, requirements=("torch==2.9.1",))
    assert ran.code == 0
    assert ran.asked[1:] == [
        f"{INSTALL} --no-deps --reinstall --default-index {INDEX} torch==2.9.1",
        f"{INSTALL} --default-index {INDEX} torch==2.9.1",
    ]
    assert "no wheel mirror gave it; the Python index has the same build" in ran.log


def test_without_an_index_the_clients_own_is_asked(run):
    assert run(pypi=None).asked[-1] == f"{INSTALL} torch==2.9.1+cu126"


HOSTILE = {
    "UV_EXTRA_INDEX_URL": "http://dead/simple",
    "UV_EXCLUDE_NEWER": "2001-01-01",
    "UV_OFFLINE": "1",
    "UV_CONSTRAINT": "/c",
    "UV_CONFIG_FILE": "/dead.toml",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "PIP_NO_INDEX": "1",
    "PYTHONPATH": "/evil",
    "PYTHONHOME": "/evil",
    "VIRTUAL_ENV": "/venv/main",
    "CONDA_PREFIX": "/opt/conda",
}


def test_what_is_set_for_uv_pip_and_python_does_not_reach_uv(run, tmp_path):
    assert run(variables=HOSTILE).code == 0
    place = f"{tmp_path}/the place"
    assert (tmp_path / "variables").read_text().splitlines() == [
        f"UV_CACHE_DIR={place}/uv-cache",
        "UV_HTTP_RETRIES=5",
        "UV_NO_CONFIG=1",
        "UV_NO_PROGRESS=1",
        f"UV_PYTHON_INSTALL_DIR={place}/python",
    ]


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_without_an_index_that_was_decided_the_one_that_is_set_for_uv_is_asked(run, name):
    ran = run(pypi=None, variables={name: "http://own/simple"})
    assert ran.asked[-1] == f"{INSTALL} --default-index http://own/simple torch==2.9.1+cu126"
    assert run(variables={name: "http://own/simple"}).asked[-1] == FROM_INDEX


def test_the_mirror_of_pythons_is_handed_on(run, tmp_path):
    run(pythons="http://pythons/it's")
    assert "UV_PYTHON_INSTALL_MIRROR=http://pythons/it's" in (tmp_path / "variables").read_text()


def test_into_the_image_no_environment_is_made(run):
    ran = run(venv=None, python="/opt/conda/bin/python")
    assert ran.asked[-1] == (
        f"pip install --python /opt/conda/bin/python --break-system-packages --default-index {INDEX} torch==2.9.1+cu126"
    )
    assert not [line for line in ran.asked if line.startswith("venv")]


def test_a_python_that_uv_brings_is_asked_for_by_its_version(run):
    ran = run(base="3.12", managed=True, python_version="3.12")
    assert ran.asked[0] == "venv --managed-python --python 3.12 the place/venvs/torch"


def test_an_environment_of_another_python_is_made_anew(run):
    run()
    assert run().asked[0] == "venv --clear --no-python-downloads --python /usr/bin/python3 the place/venvs/torch"


def test_an_environment_of_the_same_python_is_kept(run, tmp_path):
    run()
    python = tmp_path / "the place/venvs/torch/bin/python"
    python.write_text("#!/bin/sh\necho 3.11\n")
    python.chmod(0o755)
    assert run().asked == [FROM_FIRST, FROM_INDEX]


def test_a_folder_that_is_no_environment_is_not_cleared(run, tmp_path):
    (tmp_path / "the place/venvs/torch").mkdir(parents=True)
    (tmp_path / "the place/venvs/torch/thesis.txt").touch()
    assert run().asked[0] == VENV


def test_where_no_environment_can_be_made_nothing_is_installed(run):
    ran = run(fails=["venv"])
    assert (ran.code, ran.asked) == (1, [VENV])


WHEEL = "torch-2.9.1+cu126-cp311-cp311-manylinux_2_28_x86_64.whl"
URL = f"{FIRST}/torch/{WHEEL.replace('+', '%2B')}"
PART, WHOLE = f"the place/wheels/{WHEEL}.part", f"the place/wheels/{WHEEL}"
FROM_FILE = f"{INSTALL} --no-deps --no-index --find-links the place/wheels --reinstall torch==2.9.1+cu126"


@pytest.fixture
def wheel(tmp_path):
    """A wheel of 8 MB at the first mirror, which gives its hash; the environment stands."""
    with zipfile.ZipFile(tmp_path / "wheel", "w") as archive:
        archive.writestr("torch/lib.so", b"\7" * 8_000_000)
    python = tmp_path / "the place/venvs/torch/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\ncase "$*" in *version_info*) echo 3.11 ;; *) exec {sys.executable} "$@" ;; esac\n')
    python.chmod(0o755)
    lock(tmp_path, hashlib.sha256((tmp_path / "wheel").read_bytes()).hexdigest())
    return tmp_path


def lock(folder, sha256):
    """What uv 0.13.9 says of a wheel, recorded: locked with its hash, or refused where it has none."""
    (folder / "lock").write_text(
        f'wheels = [{{ url = "{URL}", hashes = {{ sha256 = "{sha256}" }} }}]\n'
        if sha256
        else f"error: Failed to download `{URL}` to compute missing hashes\n  cause: Network connectivity is disabled\n"
    )


def play(folder, *plays):
    """What curl does at each call: [bytes that it brings, its exit code, the HTTP status]."""
    (folder / "plays").write_text(json.dumps(plays))


@pytest.mark.parametrize("hashed", [True, False])
def test_a_wheel_is_fetched_by_curl_checked_installed_and_removed(run, wheel, hashed):
    if not hashed:
        lock(wheel, None)
    ran = run()
    assert (ran.code, ran.asked, ran.curled) == (0, [FROM_FILE, FROM_INDEX], [[URL, "0"]])
    assert "[gpustrap] torch: all 8 MB are there\n" in ran.log
    assert not (wheel / "the place/wheels").exists()


def test_a_cut_wheel_goes_on_at_the_byte_it_had_and_says_so(run, wheel):
    play(wheel, [3_000_000, 18, 200])
    (wheel / "watched").touch()
    ran = run()
    assert (ran.code, ran.curled) == (0, [[URL, "0"], [URL, "3000000"]])
    assert "[gpustrap] torch goes on at 3 MB\n" in ran.log
    assert "torch 3 of 8 MB, 0.6 MB/s\n" in ran.log and "\r" not in ran.log


def test_what_an_earlier_run_brought_is_gone_on_with(run, wheel):
    (wheel / PART).parent.mkdir()
    (wheel / PART).write_bytes((wheel / "wheel").read_bytes()[:2_000_000])
    assert run().curled == [[URL, "2000000"]]


def test_what_an_earlier_run_brought_whole_is_checked_and_installed(run, wheel):
    """The server answers 416: it has no byte after the last one."""
    (wheel / PART).parent.mkdir()
    (wheel / PART).write_bytes((wheel / "wheel").read_bytes())
    play(wheel, [0, 22, 416])
    ran = run()
    assert (ran.code, ran.asked, len(ran.curled)) == (0, [FROM_FILE, FROM_INDEX], 1)


def test_after_five_tries_that_bring_nothing_the_next_mirror_is_asked_and_what_there_is_is_kept(run, wheel):
    """Five calls at each of two mirrors, and only the first brings something."""
    play(wheel, [3_000_000, 28, 200], *[[0, 28, 206]] * 9)
    ran = run()
    assert ran.code == 1 and len(ran.curled) == 10 and ran.asked == []
    assert (wheel / "slept").read_text().split() == ["2", "4", "8", "16"] * 2
    assert "[gpustrap] torch: given up at 3 MB; a later run goes on there\n" in ran.log
    assert (wheel / PART).stat().st_size == 3_000_000


def test_a_link_that_brings_a_megabyte_a_try_is_never_given_up(run, wheel):
    play(wheel, *[[1_000_000, 56, 206]] * 7)
    ran = run()
    assert (ran.code, len(ran.curled)) == (0, 8)


def test_where_the_server_sends_no_parts_the_wheel_is_begun_anew(run, wheel):
    play(wheel, [3_000_000, 18, 200], [0, 33, 200])
    ran = run()
    assert (ran.code, [had for _, had in ran.curled]) == (0, ["0", "3000000", "0"])


@pytest.mark.parametrize(("code", "status"), [(22, 503), (22, 429), (35, 0), (92, 200)])
def test_what_may_pass_is_tried_again(run, wheel, code, status):
    play(wheel, [0, code, status])
    ran = run()
    assert (ran.code, len(ran.curled)) == (0, 2)


@pytest.mark.parametrize(("code", "status"), [(22, 403), (60, 0), (23, 200), (127, 0)])
def test_where_curl_is_of_no_use_uv_fetches(run, wheel, code, status):
    """A server that refuses curl, no certificates, no room, no curl."""
    play(wheel, [0, code, status])
    ran = run()
    assert (ran.code, ran.asked, len(ran.curled)) == (0, [FROM_FIRST, FROM_INDEX], 1)


def test_a_wrong_hash_is_refused_and_the_file_is_removed_and_named(run, wheel):
    right = hashlib.sha256((wheel / "wheel").read_bytes()).hexdigest()
    lock(wheel, "0" * 64)
    ran = run()
    assert (ran.code, ran.asked) == (1, [])
    assert (
        f"[gpustrap] {WHEEL} has SHA-256 {right}, and {URL} is said to have {'0' * 64}: refused and removed\n"
        in ran.log
    )
    assert list((wheel / "the place/wheels").iterdir()) == []


def test_a_damaged_wheel_without_a_hash_is_refused_and_the_file_is_removed_and_named(run, wheel):
    lock(wheel, None)
    (wheel / "wheel").write_bytes((wheel / "wheel").read_bytes().replace(b"\7\7", b"\7\1", 1))
    ran = run()
    assert (ran.code, ran.asked) == (1, [])
    assert f"[gpustrap] {WHEEL} is damaged, and has no hash at {URL}: refused and removed\n" in ran.log


def test_a_wheel_whose_installation_failed_is_kept_and_not_fetched_again(run, wheel):
    assert run(fails=["--find-links"]).code == 1
    assert (wheel / WHOLE).is_file()
    ran = run()
    assert (ran.code, ran.asked, ran.curled) == (0, [FROM_FILE, FROM_INDEX], [])


def test_a_version_that_is_there_is_not_fetched(run, wheel):
    from importlib.metadata import version

    there = f"pytest=={version('pytest')}"
    ran = run(from_mirrors=(there,), requirements=(there,))
    assert (ran.asked, ran.curled) == ([f"{INSTALL} --default-index {INDEX} {there}"], [])


def test_from_the_python_index_alone_it_is_fetched_likewise(run, wheel):
    ran = run(from_mirrors=(), mirrors=(), requirements=("torch==2.9.1+cu126",))
    assert (ran.code, ran.asked, ran.curled) == (0, [FROM_FILE, FROM_INDEX], [[URL, "0"]])


def test_the_big_dependencies_are_fetched_likewise_and_the_small_ones_by_uv(run, wheel):
    (wheel / "would").write_text(
        "Would install 3 packages\n + jinja2==3.1.6\n + nvidia-nvtx-cu12==12.6.77\n ~ triton==3.5.1\n"
    )
    ran = run()
    assert ran.asked == [FROM_FILE, f"{FROM_FILE.rpartition(' ')[0]} nvidia-nvtx-cu12==12.6.77", FROM_INDEX]
