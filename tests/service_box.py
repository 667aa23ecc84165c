"""A folder that stands for an instance, with one service in it, under a real tmux. Import it after tests/conftest.py."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gpustrap.engine import services
from gpustrap.engine.facts import tmux as fact
from gpustrap.engine.facts.tmux import Running, TmuxServices, services_script, start_script
from gpustrap.engine.operations.tmux import reason_to_start
from gpustrap.engine.service_versions import Settled, read_settled, settling
from gpustrap.resolve.service import Service
from gpustrap.run.unready import unready

SERVE = """exec {python} -c '
import http.server, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(self.path[1:] or 200)); self.end_headers()
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer((sys.argv[1], {port}), H).serve_forever()
' {address}"""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("0.0.0.0", 0))
        return int(one.getsockname()[1])


def command_line(pid: int) -> str:
    """Empty for a process that has ended meanwhile: the service's shells come and go."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""


class Box:
    """A folder with a service in it, and what the engine's scripts do there."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        # The tests that run beside this one see each other's processes, and may get the same port a moment later.
        self.name = f"web-{os.getpid()}-{self.port}"
        self.units = folder / "units"
        self.settled = Settled()
        self.older = f"test-{os.getpid()}-{self.port}"
        (folder / "profile").mkdir()
        (folder / "home").mkdir()

    def service(self, command: str, **rest: Any) -> Service:
        return Service(self.name, command, cwd=str(self.folder), **{"port": self.port, "restart": "always", **rest})

    def serves(self, address: str = "0.0.0.0", **rest: Any) -> Service:
        return self.service(SERVE.format(python=sys.executable, port=self.port, address=address), **rest)

    def run(self, script: str, timeout: float = 40) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder / "home"), "CANARY": "from the ssh session"}
        return subprocess.run(
            ["/bin/sh", "-c", script], text=True, capture_output=True, timeout=timeout, env=environment
        )

    def write(self, service: Service) -> str:
        for file in services.files_of(service):
            place = self.place(file.dest)
            place.parent.mkdir(parents=True, exist_ok=True)
            text = file.data.decode().replace("/etc/gpustrap/services", str(self.folder / "services"))
            text = text.replace("/var/log/gpustrap", str(self.folder / "log"))
            place.write_text(text.replace("/etc/profile.d", str(self.folder / "profile")))
            place.chmod(int(file.octal, 8))
        return services.identity_of(service)

    def place(self, path: str) -> Path:
        return self.folder / "services" / path.removeprefix("/etc/gpustrap/services/")

    def start(self, service: Service, seconds: int = 15) -> str:
        """What the failure says, nothing when it got ready."""
        self.begin(self.write(service), self.place(f"{service.directory}/run"), service.port)
        seen = self.look(service, steady=seconds, ready={self.name: seconds})
        return unready([service], Settled({self.name: seen} if seen else {})).get(self.name, "")

    def begin(self, identity: str, run: Path, port: int | None) -> None:
        """A session of this name runs that script."""
        start = start_script(
            units=str(self.units),
            service=self.name,
            identity=identity,
            run=str(run),
            port=fact.port_word(port),
            ending="",
            logs=str(self.folder / "log"),
        )
        started = self.run(start)
        assert started.returncode == 0, started.stderr

    def up(self, service: Service) -> str:
        """As `up` does it: started, waited for, kept or gone back from. What the failure says."""
        self.start(service, 0)
        self.settle(settling([service], *self.places, whole=True))
        return unready([service], self.settled).get(self.name, "")

    @property
    def places(self) -> tuple[str, str, str]:
        return str(self.folder / "services"), str(self.folder / "log"), str(self.units)

    def settle(self, script: str) -> list[str]:
        """What it printed, and `settled` of it."""
        done = self.run(script.replace("/var/lib/gpustrap", str(self.folder)))
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        self.settled = read_settled(done.stdout.splitlines())
        return done.stdout.splitlines()

    def look(self, service: Service, **patience: Any) -> Running | None:
        folder, logs = str(self.folder / "services"), str(self.folder / "log")
        done = self.run(TmuxServices().command([services.probe(service)], folder, logs, **patience))
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return TmuxServices().process(done.stdout.splitlines()).get(self.name)

    def reason(self, service: Service) -> str | None:
        identity = services.identity_of(service)
        return reason_to_start(self.look(service), identity, service.restart)

    def marked(self) -> list[int]:
        done = self.run(fact.tmux_script("tmux-common", "services") + f"members {self.name}\n")
        return [int(pid) for pid in done.stdout.split()]

    def until(self, true: Callable[[], object], seconds: float = 15) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, (self.folder / "log" / f"{self.name}.log").read_text()
            time.sleep(0.05)

    def end(self) -> None:
        self.run(
            services_script(
                "service-remove", service=self.name, folder=str(self.folder / "services"), units=str(self.units)
            )
        )
        subprocess.run(["tmux", "-S", str(self.folder / "run" / "services.sock"), "kill-server"], capture_output=True)
        subprocess.run(["tmux", "-L", self.older, "kill-server"], capture_output=True)
        Path(f"/tmp/tmux-{os.getuid()}/{self.older}").unlink(missing_ok=True)
