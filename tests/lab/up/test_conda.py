"""What the role mirrors writes for conda, as conda's own library reads it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from urllib.parse import urljoin

import pytest

from kept import once, run
from registry_mirror import fetched, upstream

pytestmark = pytest.mark.one_release
READS = Path(__file__).parents[2] / "conda_library.py"
CONDA, NEEDS = "conda-4.3.16", ("requests", "ruamel.yaml==0.17.40", "toolz")


@pytest.fixture(scope="session")
def library() -> Path:
    """A folder with conda's library and what it needs."""

    def make(folder: Path) -> None:
        page = f"{upstream('pypi')}/conda/"
        (link,) = re.findall(rf'href="([^"]*/{CONDA}\.tar\.gz)[#"]', fetched(page, "text/html")[1].decode())
        folder.mkdir(exist_ok=True)
        (folder / "conda.tar.gz").write_bytes(fetched(urljoin(page, link), "*/*")[1])
        with tarfile.open(folder / "conda.tar.gz") as packed:
            packed.extractall(folder, filter="data")
        run(sys.executable, "-m", "pip", "install", "-q", "--target", folder / CONDA, *NEEDS)

    return once(f"test-{CONDA}", make) / CONDA


@pytest.fixture
def asked(library, ssh, tmp_path):
    """`asked(box)`: channel → the URLs that conda asks for it, by what stands on the box."""

    def of(box):
        (tmp_path / ".condarc").write_text(ssh(box, "cat /root/.condarc"))
        words = [sys.executable, READS, library, "defaults", "conda-forge", "pytorch", "nvidia"]
        kept = {name: value for name, value in os.environ.items() if "CONDA" not in name}
        done = subprocess.run(words, env={**kept, "HOME": str(tmp_path)}, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return of


def at(*places):
    return [f"http://mirror.invalid/anaconda/{place}/{part}" for place in places for part in ("linux-64", "noarch")]


def test_conda_asks_the_mirror_for_its_channels_and_nobody_else_for_them(everything, box, ssh, asked):
    everything.up()
    told = asked(box)
    assert told["defaults"] == at("pkgs/main")
    assert told["conda-forge"] == at("cloud/conda-forge")
    assert told["pytorch"] == at("cloud/pytorch")
    assert all("mirror.invalid" not in url for url in told["nvidia"]), "which no mirror is known to have"


def test_beside_what_a_person_has_set_it_does_too(everything, box, ssh, asked):
    ssh(
        box,
        "printf 'channels:\\n  - conda-forge\\ncustom_channels:\\n  nvidia: http://other.invalid/x\\n' >/root/.condarc",
    )
    everything.up()
    told = asked(box)
    assert told["conda-forge"] == at("cloud/conda-forge")
    assert told["nvidia"] == ["http://other.invalid/x/nvidia/linux-64", "http://other.invalid/x/nvidia/noarch"]
