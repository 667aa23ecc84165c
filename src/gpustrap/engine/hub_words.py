"""Why a hub did not give what was wanted, as sentences: from the words of the programs on the instance."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress

from gpustrap.engine.hub_seen import fields_of
from gpustrap.errors import InstanceFailed
from gpustrap.language import mark, tr

LATER = mark("run the same command again later: it goes on where it was")
PLACE = mark(
    "`gpustrap doctor` shows where it breaks; `mirrors.measure: true` takes another place that works; ModelScope "
    "is another source, which does not fill this cache"
)
GATED = mark(
    "accept its terms at https://huggingface.co/{repo} and set hub.token to a token of that account; behind a mirror "
    "mirrors.hf_token_to_mirror: true too, or mirrors.hf: upstream"
)
# Word → the sentence and what to do next.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "gated": (mark("{repo} is gated: its owner lets in only accounts that have accepted its terms"), GATED),
    "repository": (
        mark("there is no {repo} that this token may see (HTTP {status})"),
        mark(
            "is the name right, the token still valid, a dataset written as dataset: …? a private one needs hub.token"
        ),
    ),
    "revision": (
        mark("{repo} has no revision {revision}"),
        mark("https://huggingface.co/{repo}/tree/main lists its branches, tags and commits"),
    ),
    "forbidden": (mark("the hub refuses {repo} to this token (HTTP {status})"), GATED),
    "rate": (mark("the hub has had too many requests from here (HTTP 429), also after waiting as it asked"), LATER),
    "http": (mark("the hub answered HTTP {status} for {file} of {repo}"), PLACE),
    "unreached": (mark("{host} cannot be reached from the instance: {said}"), PLACE),
    "redirected": (mark("{asked} sends for {file} of {repo} to {host}, which cannot be reached: {said}"), PLACE),
    "length": (mark("{file} of {repo} came with another length than the hub says, and with no error"), LATER),
    "digest": (
        mark("what was sent as {file} of {repo} is another file: its digest is not the hub's; it was removed"),
        PLACE,
    ),
    "missing": (mark("{file} of {repo} did not arrive"), LATER),
    "large": (
        mark("{file} of {repo} has {gb} GB, and Hugging Face's client refuses files over 50 GB without Xet"),
        mark("set mirrors.xet: on; its transfers go to Hugging Face's own hosts"),
    ),
    "room": (
        mark("{repo} needs {needed} GiB more in {place}, and {free} GiB are free: nothing was fetched"),
        mark("set hub.cache to a larger disk, or fetch less by allow and ignore"),
    ),
    "full": (mark("the disk became full while {file} of {repo} was fetched"), mark("set hub.cache to a larger disk")),
    "taken": (mark("another program is writing {file}"), LATER),
    "other": (mark("{repo} could not be fetched: {said}"), LATER),
}


def failure(word: str, fields: Mapping[str, str]) -> InstanceFailed:
    """One trouble as what ends the operation."""
    sentence, hint = SENTENCES.get(word, SENTENCES["other"])
    told = defaultdict(lambda: "?", fields)
    return InstanceFailed(tr(sentence).format_map(told), operation="prefetch", hint=tr(hint).format_map(told))


def failure_of(lines: Sequence[str], role: str | None) -> InstanceFailed | None:
    """What a fetching job printed last; None where it is no such job that has failed."""
    told = [found for line in lines if (found := _trouble(line))]
    if not told:
        return None
    first = failure(*told[0])
    also = [failure(*one).error for one in told[1:]]
    return InstanceFailed("\n".join([first.error, *also]), role=role, operation=first.operation, hint=first.hint)


def _trouble(line: str) -> tuple[str, dict[str, str]] | None:
    if line.startswith("hub-trouble ["):
        with suppress(ValueError, TypeError, AttributeError):
            word, fields = json.loads(line.removeprefix("hub-trouble "))
            return str(word), fields_of(fields)
    return None
