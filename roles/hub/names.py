"""What a repository, a revision and a cache may be called: each raises ValueError, which says what is expected."""

from __future__ import annotations

import re

from gpustrap.language import tr


def is_repo(name: str) -> str:
    if not re.fullmatch(r"([A-Za-z0-9_][\w.-]*/)?[A-Za-z0-9_][\w.-]{0,95}", name) or "--" in name or ".." in name:
        raise ValueError(tr("expected ORG/NAME, as it stands in the address of its page"))
    return name


def is_revision(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._/+-]*", name) or ".." in name:
        raise ValueError(tr("expected the name of a branch or a tag, or a commit"))
    return name


def is_cache(place: str) -> str:
    if place != "auto" and (not re.fullmatch(r"/[^\s'\"\\$]+", place) or ".." in place.split("/")):
        raise ValueError(tr("expected auto or a folder such as /data/huggingface, without spaces and quotes"))
    return place.rstrip("/")
