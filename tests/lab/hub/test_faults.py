"""What a hub may do wrong, to the real client on this machine: never reported as done, and the next run goes on."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import mock_hub
import small_proxy

LARGE = "nested/model.safetensors"
UNDER_WAY = 1 << 17  # bytes that are had and not yet written
KILLED_AT = tuple(tenth / 10 + 0.05 for tenth in range(10))  # of the large file's bytes
PRINT = "import json; from gpustrap.engine import hub; print(json.dumps({name: hub.program(name) for name in hub.PROGRAMS}))"
# By a process of its own: the engine would make this one's sockets gevent's, and the mock's threads could not use them.
PROGRAMS = json.loads(subprocess.run([sys.executable, "-c", PRINT], capture_output=True, check=True).stdout)


@dataclass
class Cache:
    """A client's cache, and the programs that look at it and fill it."""

    folder: Path
    python: Path
    hub: mock_hub.Hub
    wanted: dict = field(default_factory=lambda: {"kind": "model", "repo": "org/name"})
    token: str = ""
    proxy: str = ""
    patience: int = 2  # seconds without a byte

    def words(self, name):
        store = {
            "cache": str(self.folder / "hub"),
            "records": str(self.folder / "records"),
            "token": self.token,
            "workers": 1,
        }
        told = {"store": store, "wanted": [self.wanted]}
        return [self.python, "-I", "-c", PROGRAMS[name], json.dumps(told)]

    @property
    def environment(self):
        kept = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        told = {"HF_ENDPOINT": self.hub.url, "HF_HOME": str(self.folder), "HF_HUB_DISABLE_XET": "1"}
        told |= {"http_proxy": self.proxy} if self.proxy else {}
        return {**kept, **told, "HF_HUB_DOWNLOAD_TIMEOUT": str(self.patience), "HF_HUB_DISABLE_TELEMETRY": "1"}

    def run(self, name):
        return subprocess.run(self.words(name), env=self.environment, capture_output=True, text=True, timeout=60)

    def fetch(self):
        """The words of what went wrong; none for nothing."""
        done = self.run("fetch")
        told = [
            json.loads(line.removeprefix("hub-trouble ")) for line in done.stdout.splitlines() if "hub-trouble" in line
        ]
        assert (done.returncode == 0) == (told == []), done.stderr
        return [(word, fields.get("host", fields.get("file", ""))) for word, fields in told]

    def look(self):
        (line,) = [line for line in self.run("look").stdout.splitlines() if line.startswith("hub ")]
        return json.loads(line.removeprefix("hub "))

    @property
    def blobs(self):
        return self.folder / "hub" / "models--org--name" / "blobs"

    def files(self):
        """Path → content, as the client finds them by the revision."""
        folder = self.folder / "hub" / "models--org--name"
        snapshot = folder / "snapshots" / (folder / "refs" / "main").read_text()
        return {str(path.relative_to(snapshot)): path.read_bytes() for path in snapshot.rglob("*") if path.is_file()}

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen]:
        with subprocess.Popen(
            self.words("fetch"), env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as one:
            yield one


@pytest.fixture
def cache(tmp_path, client, model):
    with mock_hub.serving() as hub:
        hub.push("org/name", model)
        yield Cache(tmp_path, client, hub)


def net_refusing():
    """An address at which nobody listens, and which is another host than the hub's."""
    import socket

    with socket.create_server(("127.0.0.2", 0)) as server:
        return f"http://127.0.0.2:{server.getsockname()[1]}"


# File, fault, and what is said of it. One after the other, on what the one before has left.
FAULTS = [
    ("config.json", "other", ("digest", "config.json")),
    (LARGE, "gated", ("gated", LARGE)),
    ("api", "hidden", ("repository", "")),
    (LARGE, "forbidden", ("forbidden", LARGE)),
    (LARGE, "500", ("http", LARGE)),
    (LARGE, "away", ("redirected", "127.0.0.2")),
    (LARGE, "longer", ("length", LARGE)),
    (LARGE, "truncates", ("length", LARGE)),
    (LARGE, "other", ("digest", LARGE)),
]


def test_what_is_not_whole_is_never_done_and_the_next_run_has_it(cache, model):
    cache.hub.away = net_refusing()
    for file, fault, told in FAULTS:
        cache.hub.faults = {file: fault}
        assert (fault, cache.fetch()) == (fault, [told])
        assert not (cache.folder / "hub" / "models--org--name" / "refs").exists()

    cache.hub.faults = {}
    assert cache.fetch() == []
    assert cache.files() == model


def test_what_passes_is_waited_for_and_gone_on_with(cache, model):
    cache.hub.faults = {"config.json": "429", LARGE: "cuts"}
    began = time.monotonic()
    assert cache.fetch() == []
    assert time.monotonic() - began > 1  # what Retry-After says
    assert [one.status for one in cache.hub.log if one.path.endswith("config.json")][:2] == [429, 200]
    assert cache.files() == model
    assert cache.hub.sent < 1.05 * sum(map(len, model.values()))


def test_a_proxy_that_dies_in_the_middle_leaves_a_part_that_the_next_run_goes_on_with(cache, model):
    with small_proxy.proxying() as proxy:
        proxy.names["hub.lan"] = "127.0.0.1"
        cache.hub.url = cache.hub.url.replace("127.0.0.1", "hub.lan")
        cache.proxy, proxy.most = proxy.url, len(model[LARGE]) // 2
        (word, _), *more = cache.fetch()
        assert (word, more) == ("unreached", [])
        assert cache.look()["state"] != "complete"
    assert [word for word, _ in cache.fetch()] == ["unreached"]  # it is gone altogether
    with small_proxy.proxying() as proxy:
        proxy.names["hub.lan"], cache.proxy = "127.0.0.1", proxy.url
        had = cache.hub.sent
        assert cache.fetch() == []
    assert cache.files() == model
    assert cache.hub.sent - had < 0.6 * len(model[LARGE])


def test_a_revision_that_is_not_there_is_named(cache):
    cache.wanted["revision"] = "v9"
    assert cache.fetch() == [("revision", "")]
    assert cache.look()["definite"]


def test_a_gated_repository_is_had_by_its_token_which_no_other_host_hears(cache, model, tmp_path):
    (tmp_path / "token").write_text("hf_secret")
    cache.hub.faults, cache.hub.token, cache.token = {"": "gated", "api": "gated"}, "hf_secret", str(tmp_path / "token")
    with mock_hub.serving("127.0.0.3") as other:
        other.commits = cache.hub.commits
        cache.hub.cdn = other.url
        assert cache.fetch() == []
        assert cache.files() == model
        assert {one.token for one in other.log} == {""}


def test_killed_at_ten_moments_hardly_anything_is_sent_twice(cache):
    """One download, killed ten times: each run begins where the one before was killed, less what was under way."""
    model = {"config.json": b"{}", LARGE: random.Random(8).randbytes(40_000_000)}
    cache.hub.push("org/name", model)
    cache.patience = 60  # on a busy machine the kill comes late, and the client must not have given up by itself
    size = len(model[LARGE])
    for at in KILLED_AT:
        killed(cache, model, int(at * size))
    cache.hub.holds = 0

    assert cache.fetch() == []
    assert cache.files() == model
    begins = sorted(int(one.range.removeprefix("bytes=").rstrip("-")) for one in cache.hub.content if one.range)
    late = [int(at * size) - begin for begin, at in zip(begins, KILLED_AT, strict=True)]
    assert max(late) <= UNDER_WAY
    assert cache.hub.sent <= 1.05 * sum(map(len, model.values()))


def killed(cache, model, received):
    """The hub holds there; what had come by then was written, but for what was under way."""
    cache.hub.holds = received
    cache.hub.go_on.clear()
    part = cache.blobs / f"{mock_hub.digest(model[LARGE])}.gpustrap"
    with cache.started() as process:
        wait_until(lambda: part.exists() and part.stat().st_size >= received - UNDER_WAY, process)
        process.kill()
    cache.hub.go_on.set()


def wait_until(there, process):
    """Until it is so; the process has to be alive for as long."""
    ends = time.monotonic() + 60
    while not there():
        assert process.poll() is None and time.monotonic() < ends
        time.sleep(0.01)
