"""What has to happen to a file of others that has keys of ours: from its state and the wanted keys. Pure.

A record beside the kept originals says which keys we set and what the file was when we left it. So a file
that nobody has changed is known without reading it as its form, and an old key is known to be ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from gpustrap.engine.facts.files import FileState
from gpustrap.engine.merge import DOCUMENTS, canonical, merged, replaced
from gpustrap.engine.merge_forms import Form, Unreadable
from gpustrap.language import mark, tr

SECRET_MODE = "600"
AS_IT_IS = "-"
WRONG_OWNER = mark("owner {owner} is not the right one")


@dataclass(frozen=True)
class KeyedFile:
    """The file as it is to be. `data` None: the original comes back. `record` None: no key of ours is left."""

    why: str
    data: bytes | None = field(default=None, repr=False)
    record: str | None = field(default=None, repr=False)
    mode: str = AS_IT_IS


def change(form: Form, keys: Mapping[str, Any], part: str, state: FileState, spares: bool = False) -> KeyedFile | None:
    """None where nothing has to change. Raises `merge.Unreadable`.

    `spares`: a key of ours that others have changed since is theirs.
    """
    record = _read(state.record)
    old, noted = record["parts"].get(part, {}), _noted(keys)
    if spares:
        theirs = changed_keys(form, part, state)
        old = {key: value for key, value in old.items() if key not in theirs}
    as_left = _as_left(state)
    mode = SECRET_MODE if _holds_secret(keys) else AS_IT_IS
    mode_differs = mode != AS_IT_IS and state.mode != mode
    owner = state.owner if keys else None  # whose it is beside no key of ours is not our concern
    if as_left and not mode_differs and old == noted and not owner:
        return None
    parts = {name: said for name, said in record["parts"].items() if name != part} | ({part: noted} if keys else {})
    if not parts and (as_left or state.kind == "absent" or _whole_is_ours(state)):
        return KeyedFile(tr("{old} taken away", old=_names(old) or tr("ours"))) if state.ours else None
    return _written(form, keys, part, state, old, parts, mode if mode_differs else AS_IT_IS)


def changed_keys(form: Form, part: str, state: FileState) -> tuple[str, ...]:
    """The keys of ours that do not say any more what we set, or are gone. Raises `merge.Unreadable`."""
    record = _read(state.record)
    if record["sha256"] is None or _as_left(state):
        return ()
    document = DOCUMENTS[form](state.text.decode("utf-8", "surrogateescape"))
    ours = record["parts"].get(part, {})
    return tuple(key for key, value in ours.items() if not _says(document.get(key, value), value))


def _says(stands: Any, noted: Any) -> bool:
    """Whether a value is the one of the record, where a secret stands by its digest."""
    return stands is not None and str(noted) in (str(stands), str(_noted(SecretStr(str(stands)))))


def _written(
    form: Form,
    keys: Mapping[str, Any],
    part: str,
    state: FileState,
    old: Mapping[str, Any],
    parts: dict[str, Any],
    mode: str,
) -> KeyedFile | None:
    stands = state.text.decode("utf-8", "surrogateescape")
    original = (state.original or b"").decode("utf-8", "surrogateescape")
    base = original if _whole_is_ours(state) else _without_block(stands, part)
    plain = _revealed(keys)
    try:
        text = replaced(form, base, old, plain, original)
    except Unreadable:
        # What we alone wrote, byte for byte, and no client can read is made anew; with another's line in it, it stays.
        if not (_as_left(state) and state.original is None and plain):
            raise
        base, text = "", merged(form, "", plain)
    owner = state.owner if keys else None
    if text == stands and mode == AS_IT_IS and not owner:
        return None
    data = text.encode("utf-8", "surrogateescape")
    said = [tr("{keys} set", keys=_names(set_)) for set_ in [_differing(form, base, plain)] if set_]
    said += [tr("{gone} taken away", gone=_names(gone)) for gone in [[key for key in old if key not in keys]] if gone]
    said = said or ([tr("mode {mode} → {octal}", mode=state.mode, octal=mode)] if mode != AS_IT_IS else [])
    why = "; ".join(said) or (tr(WRONG_OWNER, owner=owner) if owner else tr("our older lines taken away"))
    if not parts and not text.strip() and state.original is None and state.ours:
        return KeyedFile(why)
    left = {"sha256": hashlib.sha256(data).hexdigest(), "form": form, "parts": parts}
    kept = json.dumps(left, sort_keys=True) if parts else None
    return KeyedFile(why, data, kept, mode)


def _read(record: str | None) -> dict[str, Any]:
    try:
        read = json.loads(record or "{}")
        return {"sha256": read.get("sha256"), "parts": dict(read.get("parts", {}))}
    except (ValueError, AttributeError, TypeError):  # written by us alone; one that was damaged is none
        return {"sha256": None, "parts": {}}


def _as_left(state: FileState) -> bool:
    """Whether it stands as we wrote it, byte for byte."""
    left = _read(state.record)["sha256"]
    return left is not None and left == state.sha256


def _whole_is_ours(state: FileState) -> bool:
    """Whether an older gpustrap, which wrote whole files, wrote this one."""
    return state.ours and state.record is None and state.text.startswith(b"# Managed by gpustrap")


def _without_block(text: str, name: str) -> str:
    """Without the marked lines that an older gpustrap wrote."""
    begin, end = f"# gpustrap {name} begin", f"# gpustrap {name} end"
    lines = text.splitlines(keepends=True)
    first = next((at for at, line in enumerate(lines) if line.startswith(begin)), None) if name else None
    last = next((at for at, line in enumerate(lines) if line.startswith(end)), None) if name else None
    return text if first is None or last is None or last < first else "".join(lines[:first] + lines[last + 1 :])


def _differing(form: Form, text: str, keys: Mapping[str, Any]) -> list[str]:
    return [key for key, value in keys.items() if merged(form, text, {key: value}) != text]


def _names(keys: Any) -> str:
    return ", ".join(keys)


def _revealed(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return {key: _revealed(one) for key, one in value.items()}
    return [_revealed(one) for one in value] if isinstance(value, list | tuple) else value


def _noted(value: Any) -> Any:
    """The keys as the record holds them: a secret by its digest."""
    if isinstance(value, SecretStr):
        return "sha256:" + hashlib.sha256(value.get_secret_value().encode()).hexdigest()[:16]
    if isinstance(value, Mapping):
        return {key: _noted(one) for key, one in value.items()}
    return [_noted(one) for one in value] if isinstance(value, list | tuple) else value


def _holds_secret(keys: Mapping[str, Any]) -> bool:
    return canonical(_noted(keys)) != canonical(_noted(_revealed(keys)))
