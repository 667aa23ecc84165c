"""The public keys of a role in authorized_keys: a block of ours there, and the key in use whatever happens."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from pyinfra import host
from pyinfra.api import StringCommand, operation

from gpustrap.engine.by_facts import by_facts
from gpustrap.engine.facts.files import FileState, FileStates
from gpustrap.engine.key_in_use import key_in_use
from gpustrap.engine.notes import note
from gpustrap.engine.operations.files import ManagedFile, managed
from gpustrap.engine.pyinfra_internals import commands_of
from gpustrap.engine.scripts import clean
from gpustrap.language import tr
from gpustrap.resolve.public_key import blob_of, name_of

BLOCK = "access"


@operation()
@by_facts
def only_keys(
    path: str, keys: Sequence[str], in_use: str | None = None, spares: bool = False
) -> Generator[StringCommand, None, None]:
    """
    Let these keys in, and of those that gpustrap let in before no others.

    + path: the authorized_keys of the login
    + keys: public keys, a line each
    + in_use: the key of this connection, None to ask the connection; where it would go, it stays as a line of its own
    + spares: a block that others have changed stays as it is
    """
    state = host.get_fact(FileStates, wanted=[(path, BLOCK)], texts=[path]).get(path, FileState("absent"))
    key = key_in_use(getattr(host, "connector", None)) if in_use is None else in_use
    if key and would_lock_out(state.text.decode("utf-8", "replace"), key, keys):
        note(tr("the key that this run logs in by, {key}, stays as a line of its own", key=name_of(key)))
        yield StringCommand(clean("authorize", key=key, file=path, block=BLOCK))
    text = "".join(f"{one}\n" for one in keys) or None
    yield from commands_of(managed)(files=[ManagedFile(path, text, block=BLOCK, spares=spares)])


def would_lock_out(text: str, key: str, keys: Sequence[str]) -> bool:
    """Whether only our block lets `key` in, and `keys` would not."""
    blob, inside, ours, others = blob_of(key), False, set[str](), set[str]()
    for line in text.splitlines():
        if line.startswith((f"# gpustrap {BLOCK} begin", f"# gpustrap {BLOCK} end")):
            inside = line.startswith(f"# gpustrap {BLOCK} begin")
        (ours if inside else others).add(blob_of(line))
    return blob in ours - others - set(map(blob_of, keys))
