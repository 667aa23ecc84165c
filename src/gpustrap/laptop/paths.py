"""Where gpustrap keeps things on the laptop, one place an instance."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """The files of one instance on the laptop. All are 0600 in folders that are 0700."""

    known_hosts: Path
    memory: Path
    checks: Path
    ssh_config: Path

    @property
    def code(self) -> Path:
        """What tells the code that asked what `memory` and `checks` hold."""
        return self.memory.with_name("code")

    @property
    def proved(self) -> Path:
        """What tells the settings that were proved last."""
        return self.memory.with_name("proved")


def home() -> Path:
    """gpustrap's own folder: `$GPUSTRAP_HOME`, else the platform's user data folder."""
    from platformdirs import user_data_path

    configured = os.environ.get("GPUSTRAP_HOME")
    return Path(configured) if configured else user_data_path("gpustrap", appauthor=False)


def project_digest(project: Path) -> str:
    """Eight hexadecimal digits that tell this project from others on this laptop."""
    return hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:8]


def places_of(project: Path, instance: str) -> Places:
    """The places of an instance: two projects may both have a `trainer`, so the project's path counts."""
    folder = home() / "instances" / f"{instance.replace('/', '_')}-{project_digest(project)}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    places = Places(folder / "known_hosts", folder / "facts.json", folder / "checks.json", folder / "ssh_config")
    for file in (places.known_hosts, places.ssh_config):
        file.touch(mode=0o600)
    return places
