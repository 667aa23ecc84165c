"""What the hub says of a revision, asked by its own client. Runs on the instance."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from gpustrap.resolve.hub import Store, Wanted

MOST_WAIT = 900  # seconds; the hub's window and hf-mirror's are 5 minutes
TRIES = 5
HTTP_BYTES = 50_000_000_000  # a larger file is given by Xet only (huggingface_hub 2.4.0, MAX_HTTP_DOWNLOAD_SIZE)

Answer = TypeVar("Answer")


class Trouble(Exception):
    """Why it cannot be had: a word, and what belongs to it."""

    def __init__(self, word: str, **fields: Any):
        super().__init__(word)
        self.word, self.fields = word, fields


@dataclass(frozen=True)
class File:
    """One file of a revision. `digest` is what its blob is called: SHA-256, or git's SHA-1 of a small file."""

    path: str
    size: int
    digest: str
    kind: Literal["sha256", "sha1"]
    xet: bool = False  # it comes by Xet


@dataclass(frozen=True)
class Listing:
    """All wanted files of the commit that the revision means now."""

    commit: str
    files: Sequence[File]


class Gate:
    """Nobody asks while a server has said when it wants to be asked again. It is waited for `most` seconds at most."""

    def __init__(self, most: int = MOST_WAIT):
        self.most, self.opens = most, 0.0

    def asks(self, _request: Any) -> None:
        while (wait := self.opens - time.monotonic()) > 0:
            time.sleep(wait)

    def answered(self, response: Any) -> None:
        told = response.headers.get("retry-after", "")
        if response.status_code != 429 or not told.isdigit():
            return
        if int(told) > self.most:
            raise Trouble("rate", seconds=int(told))
        print(f"[gpustrap] {response.request.url.host} wants to be asked again in {told} s", flush=True)
        self.opens = max(self.opens, time.monotonic() + int(told))


def gated_client(most: int = MOST_WAIT) -> None:
    """Have all requests of the client go through one gate."""
    from huggingface_hub import set_client_factory
    from huggingface_hub.utils._http import default_client_factory

    gate = Gate(most)

    def made() -> Any:
        client = default_client_factory()
        hooks = client.event_hooks
        hooks["request"].append(gate.asks)
        hooks["response"].append(gate.answered)
        client.event_hooks = hooks
        return client

    set_client_factory(made)


def token_of(store: Store) -> str | bool:
    """False: none is sent, whatever stands on the instance."""
    return Path(store.token).read_text("utf-8").strip() if store.token else False


def listed(store: Store, wanted: Wanted, commit: str = "", tries: int = TRIES) -> Listing:
    """What the revision is now; `commit`: where that is known."""
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile
    from huggingface_hub.utils import filter_repo_objects

    api, about = HfApi(token=token_of(store)), {"repo_id": wanted.repo, "repo_type": wanted.kind}
    commit = commit or newest(store, wanted, tries)
    tree = patient(lambda: list(api.list_repo_tree(**about, revision=commit, recursive=True)), tries)
    files = [one for one in tree if isinstance(one, RepoFile)]
    allow, ignore = list(wanted.allow) or None, list(wanted.ignore) or None
    chosen = filter_repo_objects(files, allow_patterns=allow, ignore_patterns=ignore, key=lambda one: one.path)
    return Listing(commit, [_file(one) for one in chosen])


def newest(store: Store, wanted: Wanted, tries: int = TRIES) -> str:
    """The commit that the revision is now."""
    from huggingface_hub import HfApi

    if wanted.pinned:
        return wanted.revision
    api = HfApi(token=token_of(store))
    told = patient(
        lambda: api.repo_info(wanted.repo, repo_type=wanted.kind, revision=wanted.revision, timeout=10), tries
    )
    return str(told.sha)


def _file(told: Any) -> File:
    if told.lfs is None:
        return File(told.path, told.size, told.blob_id, "sha1")
    return File(told.path, told.lfs.size, told.lfs.sha256, "sha256", xet=bool(told.xet_hash) and uses_xet())


def uses_xet() -> bool:
    from huggingface_hub import constants
    from huggingface_hub.utils import is_xet_available

    return is_xet_available() and not constants.HF_HUB_DISABLE_XET


def too_large(files: Sequence[File]) -> File | None:
    """A file that the client refuses to fetch, since it does not come by Xet."""
    return next((file for file in files if file.size > HTTP_BYTES and not file.xet), None)


def patient(ask: Callable[[], Answer], tries: int = TRIES) -> Answer:
    """Ask again what was answered with 429 or 5xx, for which the client itself asks only once."""
    for at in range(tries):
        try:
            return ask()
        except Exception as error:
            status = getattr(getattr(error, "response", None), "status_code", 0)
            if at + 1 == tries or not (status == 429 or status >= 500):
                raise
            time.sleep(1 << at)
    raise AssertionError("it is asked at least once")
