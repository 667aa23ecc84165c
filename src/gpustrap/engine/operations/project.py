"""A project's folder on the instance: only what differs is sent, as one archive; what was changed there is not lost."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence

from pyinfra import host
from pyinfra.api import StringCommand, operation

from gpustrap.engine.by_facts import by_facts, when_it_is_run
from gpustrap.engine.facts.project import FilesThere, ProjectFolder, by, packed
from gpustrap.engine.notes import note
from gpustrap.engine.scripts import clean
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.laptop.packing import PART_BYTES, archive, portions, size_of
from gpustrap.laptop.tree import Entry, Tree
from gpustrap.resolve.project import OnBoxChanges, Seen, Sync, compare, unknown

SHOWN = 10


@operation()
@by_facts
def sent(tree: Tree, dest: str, user: str, on_box_changes: OnBoxChanges) -> Generator[StringCommand, None, None]:
    """
    Have the files of a folder of this computer on the instance. What else stands there stays.

    + tree: the files
    + dest: the folder on the instance
    + user: whose they are; empty for the login's own
    + on_box_changes: refuse, stash or keep what was changed there since it was sent
    """
    seen = host.get_fact(ProjectFolder, dest=dest, user=user)
    if seen.place == "blocked":
        raise InstanceFailed(
            tr("{dest} is no folder", dest=dest), hint=tr("remove it on the instance, or set project.dest")
        )
    others = _others(dest, user, unknown(tree.entries, seen))
    sync = compare(tree.entries, seen, others, on_box_changes)
    if on_box_changes == "refuse" and sync.changed:
        raise _changed_there(dest, sync.changed)
    kept = tr(", {count} of them as changed there", count=len(sync.changed)) if sync.changed else ""
    if sync.done:
        host.noop(tr("{count} files are as on this computer{kept}", count=len(tree.entries), kept=kept))
        return
    _say(sync, seen, on_box_changes)
    if not host.state.is_executing:
        yield StringCommand("true")  # looking at a plan packs nothing
        return
    if sum(size_of(tree, entry) for entry in sync.send) > PART_BYTES // 8:
        when_it_is_run(host)
    yield from _parts(tree, sync, dest, user, sync.changed if on_box_changes == "stash" else ())


def _others(dest: str, user: str, names: Sequence[str]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for word in packed(names):
        there: dict[str, Entry] = host.get_fact(FilesThere, dest=dest, user=user, names=word)
        found |= there
    return found


def _changed_there(dest: str, changed: Sequence[str]) -> InstanceFailed:
    return InstanceFailed(
        tr("changed on the instance since they were sent to {dest}: {files}", dest=dest, files=some(changed)),
        hint=tr(
            "copy them here; or `{command}` moves them to a dated folder beside it (project.on_box_changes: stash does"
            " so each time, keep leaves them there)",
            command=stashing(),
        ),
    )


def stashing() -> str:
    """The command that takes the files of this computer, and loses none of the instance's."""
    return f"gpustrap up {host.data.get('gpustrap_typed', host.name)} --stash"


def some(paths: Sequence[str]) -> str:
    """The first few of them, and how many more there are."""
    more = tr(" and {count} more", count=len(paths) - SHOWN) if len(paths) > SHOWN else ""
    return ", ".join(paths[:SHOWN]) + more


def _say(sync: Sync, seen: Seen, on_box_changes: OnBoxChanges) -> None:
    known = {entry.path for entry in seen.known}
    new = [entry.path for entry in sync.send if entry.path not in known]
    old = [entry.path for entry in sync.send if entry.path in known]
    for words, paths in ((tr("new"), new), (tr("changed"), old), (tr("gone"), sync.gone)):
        if paths:
            note(f"{words}: {some(paths)}")
    if sync.changed and on_box_changes == "stash":
        note(tr("moved to a dated folder beside it: {files}", files=some(sync.changed)))
    if not sync.send and not sync.gone:
        note(tr("what stands there already is what would be sent"))


def _parts(tree: Tree, sync: Sync, dest: str, user: str, stash: Sequence[str]) -> Iterator[StringCommand]:
    """A command for each part; the last one puts all in place."""
    parts = [*portions(tree, sync.send)] or [()]
    for at, entries in enumerate(parts):
        first, last = at == 0, at == len(parts) - 1
        members = _lists(sync, stash) if last else {}
        text = clean("project-receive", dest=dest, first="yes" if first else "", last="yes" if last else "")
        yield StringCommand(by(user, text), _stdin=[archive(tree, entries, members)])


def _lists(sync: Sync, stash: Sequence[str]) -> dict[str, str]:
    def lines(paths: Iterable[str]) -> str:
        return "".join(f"{path}\n" for path in paths)

    put = lines(entry.path for entry in sync.send)
    return {"put": put, "gone": lines(sync.gone), "stash": lines(stash), "record": sync.record}
