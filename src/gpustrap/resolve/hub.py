"""What is wanted of a Hugging Face hub, and where it goes. Pure; it also runs on the instance, with nothing of ours."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Wanted:
    """One revision of a model or a dataset. `allow`, `ignore`: patterns of its files; without `allow` all count."""

    kind: str  # model or dataset
    repo: str
    revision: str = "main"
    allow: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    @property
    def pinned(self) -> bool:
        """Whether the revision is a commit, which never moves."""
        return re.fullmatch("[0-9a-f]{40}", self.revision) is not None

    @property
    def folder(self) -> str:
        """Its folder in the client's cache."""
        return f"{self.kind}s--{self.repo.replace('/', '--')}"

    @property
    def record(self) -> str:
        """The file name of what was checked of it."""
        words = "\0".join((self.revision, *self.allow, "", *self.ignore))
        return f"{self.folder}--{hashlib.sha256(words.encode()).hexdigest()[:12]}.json"


@dataclass(frozen=True)
class Store:
    """Where the client keeps what it has fetched, and how it asks.

    `cache`: HF_HUB_CACHE; `records`: the folder of what was checked; `token`: the file with it, empty to send none;
    `workers`: files fetched at the same time.
    """

    cache: str
    records: str
    token: str = ""
    workers: int = 4


@dataclass(frozen=True)
class Client:
    """The client on the instance: the Python of its environment, what it is told by variables, and who runs it.

    `variables`: NAME=VALUE each; `user` is empty for the login's own.
    """

    python: str
    store: Store
    variables: tuple[str, ...] = ()
    user: str = ""

    @property
    def bin(self) -> str:
        """The folder of its programs."""
        return self.python.rpartition("/")[0]
