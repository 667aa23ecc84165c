"""A mock of Hugging Face's client, so that what it is asked for can be read; tests/lab/hub asks by the real one."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

NEWEST = "a" * 40


@dataclass
class RepoFile:
    path: str
    size: int
    blob_id: str
    lfs: Any = None
    xet_hash: str | None = None


class Bar:
    """In tqdm's place."""

    def __init__(self, *_: Any, disable: bool | None = None):
        self.disable = disable


@dataclass
class Hub:
    """A repository at `NEWEST`. `large` are LFS files, `xet` those of them that Xet has; `gives` is what is sent where
    that is something else, or raised; `calls` is what the client was asked for."""

    files: dict[str, bytes] = field(default_factory=dict)
    large: tuple[str, ...] = ()
    xet: tuple[str, ...] = ()
    gives: dict[str, bytes | Exception] = field(default_factory=dict)
    can_xet: bool = True
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    client: Callable[[], Any] | None = None
    constants: Any = field(default_factory=lambda: SimpleNamespace(HF_HUB_DISABLE_XET=False, DOWNLOAD_CHUNK_SIZE=0))

    def asked(self, name: str) -> list[dict[str, Any]]:
        return [how for called, how in self.calls if called == name]

    def digest(self, path: str) -> str:
        data = self.files[path]
        if path in self.large:
            return hashlib.sha256(data).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()

    def tree(self) -> list[Any]:
        rows: list[Any] = [SimpleNamespace(path="a folder")]
        for path, data in self.files.items():
            lfs = SimpleNamespace(size=len(data), sha256=self.digest(path)) if path in self.large else None
            size = 1 if lfs else len(data)
            rows.append(RepoFile(path, size, self.digest(path), lfs, "hash" if path in self.xet else None))
        return rows

    def api(self, token: Any = None) -> Any:
        def told(name: str, answer: Any) -> Callable[..., Any]:
            def ask(*words: Any, **how: Any) -> Any:
                self.calls.append((name, {"words": words, "token": token, **how}))
                return answer()

            return ask

        info = told("repo_info", lambda: SimpleNamespace(sha=NEWEST))
        return SimpleNamespace(repo_info=info, list_repo_tree=told("list_repo_tree", self.tree))

    def http_get(self, url: str, data: Any, **how: Any) -> None:
        self.calls.append(("http_get", {"url": url, **how}))
        path = url.partition("|")[2]
        content = self.gives.get(path, self.files[path])
        if isinstance(content, Exception):
            raise content
        data.write(content[how["resume_size"] :])

    def snapshot_download(self, repo: str, **how: Any) -> None:
        self.calls.append(("snapshot_download", {"repo": repo, **how}))
        folder = Path(how["cache_dir"], f"{how['repo_type']}s--{repo.replace('/', '--')}")
        for path in self.files:
            blob, link = folder / "blobs" / self.digest(path), folder / "snapshots" / how["revision"] / path
            if path in self.xet:
                blob.write_bytes(self.files[path])
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(blob)


def chosen(files: list[Any], allow_patterns: Any, ignore_patterns: Any, key: Callable[[Any], str]) -> Iterator[Any]:
    for one in files:
        allowed = allow_patterns is None or any(fnmatch(key(one), each) for each in allow_patterns)
        if allowed and not any(fnmatch(key(one), each) for each in ignore_patterns or ()):
            yield one


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The mock, wherever one of our programs imports the client."""
    hub = Hub()

    def module(name: str, **holds: Any) -> None:
        made = ModuleType(name)
        made.__dict__.update(holds)
        monkeypatch.setitem(sys.modules, name, made)

    module(
        "huggingface_hub",
        HfApi=hub.api,
        hf_hub_url=lambda repo, path, **how: f"{how['repo_type']} {repo} {how['revision']}|{path}",
        snapshot_download=hub.snapshot_download,
        set_client_factory=lambda made: setattr(hub, "client", made),
        constants=hub.constants,
    )
    module("huggingface_hub.hf_api", RepoFile=RepoFile)
    module(
        "huggingface_hub.utils",
        filter_repo_objects=chosen,
        build_hf_headers=lambda token: {"token": token},
        is_xet_available=lambda: hub.can_xet,
    )
    hooks = SimpleNamespace(event_hooks={"request": ["theirs"], "response": ["theirs"]})
    module("huggingface_hub.utils._http", default_client_factory=lambda: hooks)
    module("huggingface_hub.file_download", http_get=hub.http_get)
    module("httpx2", TransportError=type("TransportError", (Exception,), {}))
    module("tqdm", tqdm=Bar)
    return hub
