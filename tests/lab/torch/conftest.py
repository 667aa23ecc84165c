"""A box that reaches nothing but a wheel mirror and a Python index of this machine, with a real CPU wheel."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from platformdirs import user_cache_path
from ruamel.yaml import YAML
from tests.lab.hub.conftest import once, run

import warm
from box_wheels import DOWNLOAD
from gpustrap.lab import targets
from gpustrap.lab.targets import LabTarget

TORCH = "2.13.0"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
LAPTOP = "127.0.0.2"  # of this machine alone
NETWORK = f"t-torch-{os.getpid()}"  # no way out: what a box gets, it gets from this machine


@pytest.fixture(scope="session", params=["debian-12"])
def release(request: pytest.FixtureRequest, engine: Any) -> str:
    """Debian 12, whose Python has a build of torch; another release where a test asks for it."""
    from gpustrap.lab.images import ensure_image

    ensure_image(engine, request.param)
    return str(request.param)


@pytest.fixture(scope="session")
def wheels() -> Path:
    """A folder with torch's CPU wheel and all that it needs. Fetched once a machine, by this machine's pip."""
    folder = user_cache_path("gpustrap", appauthor=False) / f"test-wheels-{TORCH}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            fetched = folder.with_name(f"{folder.name}.new")
            shutil.rmtree(fetched, ignore_errors=True)
            fetch(fetched)
            fetched.replace(folder)
    return folder


def fetch(folder: Path) -> None:
    """From this machine's own index and folders; where these have no CPU wheel, from PyTorch's."""
    command = [*DOWNLOAD, f"--dest={folder}", f"torch=={TORCH}+cpu"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        done = subprocess.run([*command, f"--extra-index-url={CPU_INDEX}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@dataclass
class Site:
    """A web server on this machine with three places: `simple` and `flat` have torch, `pypi` what it needs.

    `half_is_sent` is set when half of torch's wheel was sent; the rest is sent once `may_go_on` is set. While
    `cuts` is set, the connection is closed there instead, once. `ranges` are what was asked of torch's wheel, a
    request a row, None for all of it; `sent` is how many bytes of it went out, of the `size` it has.
    """

    folder: Path
    url: str
    asked: list[str] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    sent: int = 0
    size: int = 0
    cuts: bool = False
    half_is_sent: threading.Event = field(default_factory=threading.Event)
    may_go_on: threading.Event = field(default_factory=threading.Event)

    @property
    def downloads(self) -> int:
        """How many times torch's wheel was asked for."""
        return len(self.ranges)

    def mirror(self, form: str) -> dict[str, str]:
        """The setting that names one of its wheel mirrors."""
        return {
            "index": {"kind": "index", "url": f"{self.url}/simple"},
            "find-links": {"kind": "find-links", "url": f"{self.url}/flat/"},
        }[form]

    def assert_gone_on_with(self) -> None:
        """Torch's wheel was asked for twice, the second time from where the first ended."""
        first, second = self.ranges
        assert first is None and second is not None
        assert int(re.fullmatch(r"bytes=(\d+)-", second)[1]) > 0.4 * self.size
        assert self.sent < 1.2 * self.size


class Handler(SimpleHTTPRequestHandler):
    """Serves a site's folder and notes what was asked."""

    site: Site

    def do_GET(self) -> None:
        self.site.asked.append(self.path)
        if self.path.endswith(".whl") and "/torch-" in self.path:
            self.send_torch(Path(self.translate_path(self.path)))
        else:
            super().do_GET()

    def send_torch(self, wheel: Path) -> None:
        asked, size = self.headers.get("Range"), wheel.stat().st_size
        self.site.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(size - start))
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.end_headers()
        with wheel.open("rb") as file:
            file.seek(start)
            while chunk := file.read(1 << 20):
                if start < size / 2 <= file.tell() and self.ends_at_half():
                    return
                self.wfile.write(chunk)
                self.site.sent += len(chunk)

    def ends_at_half(self) -> bool:
        """Whether the connection is to be cut now; else waits until the rest may be sent."""
        if self.site.cuts:
            self.site.cuts = False
            return True
        self.site.half_is_sent.set()
        self.site.may_go_on.wait(60)
        return False

    def log_message(self, *_: Any) -> None:
        pass


def reached_from(box: LabTarget) -> str:
    """This machine's address in the box's network."""
    told = subprocess.run([*box.ssh_command, "echo ${SSH_CLIENT%% *}"], capture_output=True, text=True, check=True)
    return told.stdout.strip()


@contextmanager
def serving(wheels: Path, folder: Path, address: str) -> Iterator[Site]:
    """Serve the wheels on an address."""
    lay_out(wheels, folder)
    handler = type("SiteHandler", (Handler,), {})
    with ThreadingHTTPServer((address, 0), partial(handler, directory=str(folder))) as server:
        handler.site = Site(folder, "http://{}:{}".format(*server.server_address))
        handler.site.size = next(wheels.glob("torch-*.whl")).stat().st_size
        handler.site.may_go_on.set()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield handler.site
        server.shutdown()


def lay_out(wheels: Path, folder: Path) -> None:
    """The index has hashes; the flat listing has none, as that of a plain web server."""
    for wheel in [*wheels.glob("*.whl"), older_torch(folder.parent)]:
        lay(wheel, folder)


def lay(wheel: Path, folder: Path) -> None:
    """Put one wheel where it belongs."""
    project = wheel.name.split("-")[0].replace("_", "-").lower()
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    for place in ("simple", "flat") if project == "torch" else ("pypi",):
        page = folder / place if place == "flat" else folder / place / project
        page.mkdir(parents=True, exist_ok=True)
        if (page / wheel.name).exists():
            continue
        (page / wheel.name).symlink_to(wheel)
        with (page / "index.html").open("a") as index:
            hashed = "" if place == "flat" else f"#sha256={digest}"
            index.write(f'<a href="{wheel.name.replace("+", "%2B")}{hashed}">{wheel.name}</a><br>\n')


def older_torch(folder: Path) -> Path:
    """A wheel that only says it is torch 2.12.0: what a requirements file could pull in."""
    return hollow_wheel(folder, "torch", "2.12.0")


def hollow_wheel(folder: Path, name: str, version: str) -> Path:
    """A wheel with a package that knows its version, and nothing else."""
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": f"__version__ = '{version}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"]))
    return wheel


@dataclass(frozen=True)
class Ran:
    """What one run of gpustrap gave."""

    code: int
    stdout: str
    stderr: str

    def report(self, instance: str) -> dict[str, Any]:
        return json.loads(self.stdout)["instances"][instance]

    def changed(self, instance: str) -> list[str]:
        """`role | operation` of each that changed."""
        return [f"{one['role']} | {one['operation']}" for one in self.report(instance)["changed"]]


@dataclass
class Project:
    """A project whose one instance is a box that gets torch, and gpustrap run in it."""

    folder: Path
    box: LabTarget
    site: Site
    lent: str | None = None  # an address of this machine that the box reaches by what is lent to it

    def write(self, **torch: Any) -> None:
        """hosts.yml; `torch` replaces what is said of torch: its CPU build from the site, and nothing else."""
        settings = {
            "version": TORCH,
            "cuda": "cpu",
            "torchvision": False,
            "torchaudio": False,
            "wheel_mirrors": [self.site.mirror("index")],
            **torch,
        }
        instance = {
            "lab": self.box.release,
            "region": "global",
            "roles": ["mirrors", "python", "torch"],
            "mirrors": {"pypi": f"{self.site.url}/pypi"},
            "torch": settings,
        }
        if self.lent:
            instance |= {"roles": ["network", *instance["roles"]]}
            instance |= {"network": {"proxy": "laptop", "lent_hosts": [self.lent]}}
        (self.folder / "inventory").mkdir(exist_ok=True)
        with (self.folder / "inventory" / "hosts.yml").open("w") as file:
            YAML(typ="safe").dump({"instances": {self.box.name: instance}}, file)

    def add(self, roles: list[str], **keys: Any) -> None:
        """Let the instance have these roles too, and what is set for them."""
        hosts = self.folder / "inventory" / "hosts.yml"
        written = YAML(typ="safe").load(hosts)
        instance = written["instances"][self.box.name]
        instance |= {"roles": [*instance["roles"], *roles], **keys}
        with hosts.open("w") as file:
            YAML(typ="safe").dump(written, file)

    def reset(self) -> None:
        """What a provider's reset does: a new machine, at another address, with the same /data."""
        self.box = targets.reset(self.box.name)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "gpustrap", *words]

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key != "GPUSTRAP_PROJECT"}
        return {**kept, "GPUSTRAP_HOME": str(self.folder / "home"), "NO_COLOR": "1"}

    def run(self, *words: str) -> Ran:
        done = warm.run(words, self.folder, self.environment)
        return Ran(done.code, done.stdout, done.stderr)

    def up(self, verb: str = "up") -> Ran:
        """`up -y --json`, or another verb, which has to go well."""
        ran = self.run(verb, self.box.name, "-y", "--json")
        assert ran.code == 0, ran.stderr
        return ran

    @contextmanager
    def started_up(self) -> Iterator[subprocess.Popen[bytes]]:
        """`up` while it runs; killed by SIGKILL at the end, as a laptop that loses power."""
        with subprocess.Popen(
            self.command("up", self.box.name, "-y"),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                yield process
            finally:
                process.send_signal(signal.SIGKILL)


@pytest.fixture(scope="session")
def app_wheels() -> list[Path]:
    """Real wheels of FastAPI and uvicorn, and of all that they need. Fetched once a machine, from its own index."""

    def make(folder: Path) -> None:
        run(*DOWNLOAD, f"--dest={folder}", "fastapi", "uvicorn")

    return [*once("test-wheels-fastapi", make).glob("*.whl")]


@pytest.fixture
def app(project: Project, app_wheels: list[Path]) -> Project:
    """A fresh box, a person's folder `app` beside hosts.yml, and an index that has what it asks for."""
    for wheel in app_wheels:
        lay(wheel, project.site.folder)
    (project.folder / "app").mkdir()
    return project


@pytest.fixture
def project(tmp_path: Path, make_box: Callable[..., LabTarget], wheels: Path) -> Iterator[Project]:
    """A fresh box that shall get torch."""
    yield from made_project(tmp_path, make_box(network=NETWORK), wheels)


@pytest.fixture(scope="module")
def installed(
    tmp_path_factory: pytest.TempPathFactory, make_shared_box: Callable[..., LabTarget], wheels: Path
) -> Iterator[Project]:
    """A box that has got torch from a PEP 503 mirror which cut the connection once, for tests that leave it so."""
    for made in made_project(tmp_path_factory.mktemp("installed"), make_shared_box(network=NETWORK), wheels):
        made.site.cuts = True
        made.up()
        yield made


@pytest.fixture
def lending(tmp_path: Path, make_box: Callable[..., LabTarget], wheels: Path) -> Iterator[Project]:
    """A fresh box without a way out: its wheels and its index are at this machine's loopback, which is lent to it."""
    yield from made_project(tmp_path, make_box(network=NETWORK), wheels, LAPTOP)


def made_project(folder: Path, box: LabTarget, wheels: Path, lent: str | None = None) -> Iterator[Project]:
    with serving(wheels, folder / "site", lent or reached_from(box)) as site:
        made = Project(folder, box, site, lent)
        made.write()
        yield made
