"""Why a hub did not give what was wanted: from the client's exceptions to a word and what belongs to it."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from gpustrap.engine.hub.asked import Trouble
from gpustrap.resolve.hub import Wanted


def trouble_of(error: BaseException, wanted: Wanted, file: str = "") -> Trouble:
    """The word, for programs; `file`: which one was asked for."""
    if isinstance(error, Trouble):
        return error
    word, more = next(
        (found for cause in _causes(error) if (found := _word(cause))), ("other", {"said": _first_line(error)})
    )
    return Trouble(word, repo=wanted.repo, revision=wanted.revision, file=file, **more)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _word(error: BaseException) -> tuple[str, dict[str, Any]] | None:
    name, response = type(error).__name__, getattr(error, "response", None)
    if name in ("GatedRepoError", "RevisionNotFoundError"):
        return ("gated" if name == "GatedRepoError" else "revision"), {}
    if response is not None:
        return _of_status(response.status_code, name)
    return _of_net(error) or _of_file(error)


def _of_status(status: int, name: str) -> tuple[str, dict[str, Any]]:
    if name == "RepositoryNotFoundError" or status == 401:
        return "repository", {"status": status}
    word = {403: "forbidden", 429: "rate"}.get(status, "http")
    return word, {"status": status}


def _of_net(error: BaseException) -> tuple[str, dict[str, Any]] | None:
    import httpx2

    if not isinstance(error, httpx2.TransportError):
        return None
    from huggingface_hub import constants

    with_request = getattr(error, "_request", None)
    host = with_request.url.host if with_request is not None else urlsplit(constants.ENDPOINT).hostname
    asked = urlsplit(constants.ENDPOINT).hostname
    word = "unreached" if host == asked else "redirected"
    return word, {"host": host, "asked": asked, "said": _first_line(error)}


def _of_file(error: BaseException) -> tuple[str, dict[str, Any]] | None:
    said = _first_line(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "full", {}
    if isinstance(error, OSError) and "Consistency check failed" in said:
        return "length", {}
    return ("large", {}) if "too large to be downloaded" in said else None


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:300]


def tell(trouble: Trouble) -> None:
    """A line that gpustrap reads."""
    print("hub-trouble " + json.dumps([trouble.word, trouble.fields]), flush=True)
