"""A role's files as one operation: checked by one exec, sent as one archive, each written atomically.

What stood at a path before gpustrap wrote there is kept under /var/lib/gpustrap/kept (0700), so that
taking a file away brings the original back byte for byte. A *block* is a marked range of lines in a
file that belongs to others; the rest of the file is left alone.
"""

from __future__ import annotations

import base64
import hashlib
import io
import shlex
import tarfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from pydantic import SecretStr
from pyinfra import host
from pyinfra.api import StringCommand, operation

from gpustrap.engine.facts.files import STATE_DIR, FileState, FileStates
from gpustrap.engine.notes import note

SECRET_MODE = "600"


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


@operation()
def managed(files: Sequence[ManagedFile]) -> Generator[StringCommand, None, None]:
    """
    Make files and blocks be as wanted, all in one upload.

    + files: what is to stand where; content None takes ours away and brings back what was there
    """
    states = host.get_fact(FileStates, wanted=[(file.dest, file.block) for file in files])
    differing = [(file, why) for file in files if (why := difference(file, states.get(file.dest)))]
    if not differing:
        host.noop(f"{len(files)} files are as wanted")
        return
    for file, why in differing:
        note(f"{file.dest}: {why}")
    yield StringCommand(_RECEIVE, _stdin=[_archive([file for file, _ in differing])])


def difference(file: ManagedFile, state: FileState | None) -> str | None:
    """What has to change at one path, in words; None when nothing has to. `state` None: nothing is known."""
    state = state or FileState("absent")
    if file.content is None:
        there = state.sha256 is not None if file.block else state.ours
        return "taken away" if there else None
    if state.kind == "absent":
        return "created"
    if state.sha256 != hashlib.sha256(file.data).hexdigest():
        return "block written" if file.block else "content"
    if not file.block and state.mode != file.octal:
        return f"mode {state.mode} → {file.octal}"
    return None


# The names of the files are never in argv, nor is a script that could be: all of it comes in the archive.
_RECEIVE = (
    f"umask 077 && mkdir -p {STATE_DIR} && d=$(mktemp -d {STATE_DIR}/in.XXXXXX) && "
    """trap 'rm -rf "$d"' EXIT && trap 'exit 1' HUP INT TERM && """
    'base64 -d | tar -xzf - -C "$d" && . "$d/apply"'
)

_APPLY = f"""
set -e
kept={STATE_DIR}/kept
trap 'rm -rf "$d" "$t"' EXIT
real() {{ if [ -L "$1" ]; then readlink -f "$1"; else printf '%s' "$1"; fi; }}
known() {{ [ -e "$kept/original$1" ] || [ -e "$kept/absent$1" ]; }}
keep_absent() {{ mkdir -p "$kept/absent${{1%/*}}"; : >"$kept/absent$1"; }}
keep() {{
  if known "$1"; then return; fi
  if [ ! -e "$1" ]; then keep_absent "$1"; return; fi
  mkdir -p "$kept/original${{1%/*}}"
  cp -p "$1" "$kept/original$1.$$" && mv -f "$kept/original$1.$$" "$kept/original$1"
}}
replace() {{ mv -f "$t" "$(real "$1")"; }}
fresh() {{
  if [ -d "$1" ]; then echo "$1 is a directory" >&2; exit 1; fi
  (umask 022; mkdir -p "${{1%/*}}/")
  t=$(real "$1").new.$$
  rm -f "$t"
}}
put() {{ fresh "$3"; keep "$3"; cat "$d/$1" >"$t"; chmod "$2" "$t"; replace "$3"; }}
open() {{ [ -s "$1" ] && [ "$(tail -c 1 "$1" | wc -l)" = 0 ]; }}
# FILE with what the third word names in the place of block NAME, or without it. A block whose end is
# missing is its first line only: what follows may be a person's. A last line without newline stays so.
splice() {{
  awk -v b="# gpustrap $1 begin" -v e="# gpustrap $1 end" -v data="$3" -v open="$(open "$2" && echo 1)" '
    function put(line) {{ printf "%s%s", (n++ ? "\\n" : ""), line }}
    function flush(i) {{ for (i = 0; i < held; i++) {{ put(lines[i]); rest = 1 }} held = 0 }}
    index($0, b) == 1 {{
      flush(); off = 1; rest = 0; added = ($0 ~ /newline added/)
      for (first = 1; data != "" && (getline line <data) > 0; first = 0)
        put(line (first && added ? " (newline added)" : ""))
      next
    }}
    off {{ if (index($0, e) == 1) off = held = 0; else lines[held++] = $0; next }}
    {{ put($0); rest = 1 }}
    END {{ flush(); if (n && !(rest ? open : added && data == "")) print "" }}' "$2"
}}
append() {{
  if open "$1"; then
    cat "$1"; echo; sed '1s/$/ (newline added)/' "$2"
  else cat "$1" "$2"; fi
}}
block() {{
  fresh "$4"
  if [ ! -e "$4" ]; then known "$4" || keep_absent "$4"; cat "$d/$1" >"$t"; chmod 644 "$t"; replace "$4"; return; fi
  cp -p "$4" "$t"
  if grep -q "^# gpustrap $2 begin" "$4"; then splice "$2" "$4" "$d/$1" >"$t"
  elif [ "$3" = top ]; then cat "$d/$1" "$4" >"$t"
  else append "$4" "$d/$1" >"$t"; fi
  replace "$4"
}}
gone() {{
  if [ -e "$kept/original$1" ]; then
    fresh "$1"; cp -p "$kept/original$1" "$t"; replace "$1"; rm -f "$kept/original$1"
  else rm -f "$1" "$kept/absent$1"; fi
}}
unblock() {{
  fresh "$2"; cp -p "$2" "$t"; splice "$1" "$2" >"$t"
  if [ -e "$kept/absent$2" ] && [ ! -s "$t" ]; then rm -f "$t" "$2" "$kept/absent$2"; else replace "$2"; fi
}}
"""


def _archive(files: Sequence[ManagedFile]) -> str:
    """A tar of the new contents and of the script that puts them in place, gzipped and in base64."""
    members = {"apply": (_APPLY + "\n".join(_step(n, file) for n, file in enumerate(files)) + "\n").encode()}
    members |= {str(n): file.data for n, file in enumerate(files) if file.content is not None}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o600
            tar.addfile(member, io.BytesIO(data))
    return base64.encodebytes(buffer.getvalue()).decode()


def _step(number: int, file: ManagedFile) -> str:
    if file.content is None:
        words = ["unblock", file.block, file.dest] if file.block else ["gone", file.dest]
    elif file.block:
        words = ["block", str(number), file.block, "top" if file.top else "end", file.dest]
    else:
        words = ["put", str(number), file.octal, file.dest]
    return shlex.join(words)
