"""A role's files as one operation: checked by one exec, sent as one archive, each written atomically.

What stood at a path before gpustrap wrote there is kept under /var/lib/gpustrap/kept (0700), so that
taking a file away brings the original back byte for byte. A *block* is a marked range of lines in a
file that belongs to others; the rest of the file is left alone. *Keys* are set in a file of others whose
form is known, and every other byte of it stays.
"""

from __future__ import annotations

import base64
import hashlib
import io
import shlex
import tarfile
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr
from pyinfra import host
from pyinfra.api import StringCommand, operation

from gpustrap.engine import differences, keyed_files
from gpustrap.engine.by_facts import by_facts, new_login_follows
from gpustrap.engine.facts.files import STATE_DIR, FileState, FileStates
from gpustrap.engine.merge_forms import Form
from gpustrap.engine.notes import note, role_in_turn, shows_lines
from gpustrap.engine.scripts import clean, script
from gpustrap.errors import InstanceFailed
from gpustrap.language import mark, tr

SECRET_MODE = "600"
CONTENT = mark("content")


@dataclass(frozen=True)
class ManagedFile:
    """One file, or one block in a file of others. `content` None: what was there before us comes back.

    A secret's content is a SecretStr: it is never shown and the file is 0600 from its first byte.
    """

    dest: str
    content: str | SecretStr | None
    mode: str = "644"
    block: str = ""  # the block's name; empty: the whole file
    top: bool = False  # a new block goes to the file's top, else to its end
    last: bool = False  # a block that is there already is moved to the file's end
    spares: bool = False  # without content: what others have changed since stays as it is

    @property
    def octal(self) -> str:
        """The mode it is to have, as `stat -c %a` prints it."""
        return SECRET_MODE if isinstance(self.content, SecretStr) else self.mode

    @property
    def text(self) -> str:
        plain = self.content.get_secret_value() if isinstance(self.content, SecretStr) else self.content or ""
        return plain if not plain or plain.endswith("\n") else f"{plain}\n"

    @property
    def data(self) -> bytes:
        """The bytes that are to stand there: of the file, or of the block with its markers."""
        if not self.block:
            return self.text.encode()
        return f"# gpustrap {self.block} begin\n{self.text}# gpustrap {self.block} end\n".encode()


@dataclass(frozen=True)
class ManagedKeys:
    """Keys in a file of others, as `engine.merge` has them. No keys: ours go, and what stood there comes back.

    `part` tells the keys of one role from those of another in the same file; a block of that name, which
    an older gpustrap wrote there, goes. With a SecretStr among the values the file is 0600. `spares`: a key that others
    have changed since stays as it is.
    """

    dest: str
    form: Form
    keys: Mapping[str, Any] = field(default_factory=dict)
    part: str = ""
    spares: bool = False


@dataclass(frozen=True)
class Change:
    """What has to be done at one path: in words, as a step of the script, and the archive's members for it."""

    why: str
    step: tuple[str, ...]
    members: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    shown: str = field(default="", repr=False, compare=False)  # line by line; nothing of a secret


@operation()
@by_facts
def managed(
    files: Sequence[ManagedFile | ManagedKeys], of_logins: bool = False
) -> Generator[StringCommand, None, None]:
    """
    Make files, blocks and keys be as wanted, all in one upload.

    + files: what is to stand where, each path once; content None and no keys take ours away
    + of_logins: whether they are a login's variables: one that has what stood there before runs nothing that follows
    """
    states = host.get_fact(
        FileStates,
        wanted=[(file.dest, file.block if isinstance(file, ManagedFile) else "") for file in files],
        texts=[file.dest for file in files if _asks_text(file)],
        **({"edits": True} if any(file.spares for file in files) else {}),
    )
    if unsaid := [file.dest for file in files if file.dest not in states]:
        raise InstanceFailed(tr("the instance did not say what stands at {path}", path=unsaid[0]))
    made = [(file, its) for at, file in enumerate(files) if (its := change(file, states.get(file.dest), str(at)))]
    if not made:
        host.noop(tr("{count} files are as wanted", count=len(files)))
        return
    for _, one in made:
        note(one.why)
        if one.shown and shows_lines():
            note(one.shown)
    if of_logins and any(_is_there(file, states[file.dest]) for file, _ in made):
        new_login_follows(host)
    changes = [one for _, one in made]
    yield StringCommand(_fasten(states) + _RECEIVE, _stdin=[_archive(changes, role_in_turn())])


def change(file: ManagedFile | ManagedKeys, state: FileState | None, member: str) -> Change | None:
    """What has to be done at one path, None for nothing. `member`: what its content is called in the archive.

    Raises InstanceFailed where no file can stand, and where keys are to go into what cannot be read.
    """
    state = state or FileState("absent")
    if file.spares and is_theirs(state):
        return None
    wanted = bool(file.keys) if isinstance(file, ManagedKeys) else file.content is not None
    _refuse(file.dest, state, wanted)
    if isinstance(file, ManagedKeys):
        return _keys_change(file, state, member)
    why = difference(file, state)
    if why is None:
        return None
    why = tr("updated") if why == tr(CONTENT) else why
    shown = "" if _is_secret(file) else _shown(file, state)
    return Change(f"{file.dest}: {why}", _step(file, member), _members(file, member), shown)


def _is_there(file: ManagedFile | ManagedKeys, state: FileState) -> bool:
    """Whether a file or block of ours stands there."""
    return state.sha256 is not None if isinstance(file, ManagedFile) and file.block else state.ours


def is_theirs(state: FileState) -> bool:
    """Whether others have changed what we wrote, or put something else in its place."""
    return state.edited or state.kind not in ("file", "absent")


def _asks_text(file: ManagedFile | ManagedKeys) -> bool:
    return isinstance(file, ManagedKeys) or (shows_lines() and not _is_secret(file))


def _is_secret(file: ManagedFile | ManagedKeys) -> bool:
    if isinstance(file, ManagedKeys):
        return any(isinstance(value, SecretStr) for value in file.keys.values())
    return isinstance(file.content, SecretStr)


def _shown(file: ManagedFile, state: FileState) -> str:
    before = state.text
    if file.block:
        marks = f"# gpustrap {file.block} begin", f"# gpustrap {file.block} end"
        before = differences.block_in(before, *marks)
    return differences.unified(file.dest, before, b"" if file.content is None else file.data)


def difference(file: ManagedFile, state: FileState | None) -> str | None:
    """What has to change at one path, in words; None when nothing has to. `state` None: nothing is known."""
    state = state or FileState("absent")
    if file.content is None:
        return _gone(file, state) if _is_there(file, state) else None
    if state.kind == "absent":
        return tr("created")
    if state.sha256 != hashlib.sha256(file.data).hexdigest():
        return tr("block written") if file.block else tr(CONTENT)
    if file.last:
        return tr("block moved to the end")
    if not file.block and state.mode != file.octal:
        return tr("mode {mode} → {octal}", mode=state.mode, octal=file.octal)
    if state.owner and state.owner.startswith("/"):
        return tr("others may write to {folder}", folder=state.owner)
    return tr(keyed_files.WRONG_OWNER, owner=state.owner) if state.owner else None


def _gone(file: ManagedFile, state: FileState) -> str:
    if file.block:
        return tr("block goes")
    if state.kind == "absent":
        return tr("is gone already; what stood there before, if anything, comes back")
    return tr("goes; what stood there before, if anything, comes back")


# What no file of ours may take the place of, in words.
_SPECIAL = {
    "dir": mark("a directory"),
    "device": mark("a device"),
    "FIFO": mark("a FIFO"),
    "socket": mark("a socket"),
    "kernel": mark("a place of the kernel"),
}


def _refuse(dest: str, state: FileState, wanted: bool) -> None:
    if state.kind in ("file", "absent") or not (wanted or state.ours):
        return
    if state.kind == "big":
        raise InstanceFailed(tr("{dest} is too big to be a file of settings (over 256 KiB)", dest=dest), operation=dest)
    if state.kind == "loop":
        raise InstanceFailed(
            tr("{dest} is a link that leads to itself", dest=dest),
            operation=dest,
            hint=tr("remove it on the instance, then run again"),
        )
    what = tr(_SPECIAL.get(state.kind, state.kind))
    said = (
        tr("{dest} leads to {leads_to}, {what}", dest=dest, leads_to=state.leads_to, what=what)
        if state.leads_to
        else tr("{dest} is {what}", dest=dest, what=what)
    )
    raise InstanceFailed(
        tr("{said}: a file has to stand there", said=said),
        operation=dest,
        hint=tr("remove it on the instance, or leave this setting out"),
    )


def _keys_change(file: ManagedKeys, state: FileState, member: str) -> Change | None:
    from gpustrap.engine.merge_forms import Unreadable

    try:
        wanted = keyed_files.change(file.form, file.keys, file.part, state, file.spares)
    except Unreadable as bad:
        if file.spares:  # others have made it so
            return None
        place = file.dest if bad.line is None else f"{file.dest}:{bad.line}"
        hint = tr(
            "gpustrap sets keys in this file, and it is not {form}: mend or remove it on the instance", form=file.form
        )
        raise InstanceFailed(f"{place}: {bad.words}", operation=file.dest, hint=hint) from bad
    if wanted is None:
        return None
    why = f"{file.dest}: {wanted.why}"
    # Only the lines that are ours: what stands around them may be other people's secrets.
    shown = "" if _is_secret(file) else differences.unified(file.dest, state.text, wanted.data or b"", context=0)
    if wanted.data is None:
        return Change(why, ("gone", file.dest), {}, shown)
    if wanted.record is None:
        return Change(why, ("unkeyed", member, file.dest), {member: wanted.data}, shown)
    step = ("keys", member, wanted.mode, file.dest, f"{member}.keys")
    return Change(why, step, {member: wanted.data, f"{member}.keys": wanted.record.encode()}, shown)


_RECEIVE = clean("files-receive", state=STATE_DIR)


def _fasten(states: Mapping[str, FileState]) -> str:
    """What is done first where others may write to a folder of ours."""
    loose = any(state.owner and state.owner.startswith("/") for state in states.values())
    return clean("files-common", state=STATE_DIR) + script("files-fasten") if loose else ""


def _archive(changes: Sequence[Change], role: str = "") -> str:
    """A tar of a role's new contents and of the script that puts them in place, gzipped and in base64."""
    steps = "".join(shlex.join(one.step) + "\n" for one in changes)
    apply = script("files-common", state=STATE_DIR) + script("files-apply", role=role) + steps
    members = {"apply": apply.encode()}
    for one in changes:
        members |= one.members
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o600
            tar.addfile(member, io.BytesIO(data))
    return base64.encodebytes(buffer.getvalue()).decode()


def _step(file: ManagedFile, member: str) -> tuple[str, ...]:
    if file.content is None:
        return ("unblock", file.block, file.dest) if file.block else ("gone", file.dest)
    if file.block:
        return ("block", member, file.block, "top" if file.top else "last" if file.last else "end", file.dest)
    return ("put", member, file.octal, file.dest)


def _members(file: ManagedFile, member: str) -> dict[str, bytes]:
    return {} if file.content is None else {member: file.data}
