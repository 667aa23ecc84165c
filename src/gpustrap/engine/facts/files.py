"""What stands at the paths a role manages: one exec for all of them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from pyinfra.api import FactBase

STATE_DIR = "/var/lib/gpustrap"

# A block is the lines from its begin to its end marker; who else wrote into the file does not matter.
_LOOK = f"""
look() {{
  [ -e {STATE_DIR}/kept/original"$1" ] || [ -e {STATE_DIR}/kept/absent"$1" ] && o=ours || o=-
  if [ -d "$1" ]; then echo "dir - - $o"; return; fi
  if [ ! -e "$1" ]; then echo "absent - - $o"; return; fi
  m=$(stat -Lc %a "$1")
  if [ "$2" ]; then
    b=$(sed -n "/^# gpustrap $2 begin/,/^# gpustrap $2 end/p" "$1" | sed '1s/ (newline added)$//')
    [ "$b" ] && echo "file $m $(printf '%s\\n' "$b" | sha256sum | cut -c 1-64) $o" || echo "file $m - $o"
  else
    echo "file $m $(sha256sum <"$1" | cut -c 1-64) $o"
  fi
}}
"""


@dataclass(frozen=True)
class FileState:
    """What stands at one path. `sha256` is of the whole file, or of the block (None: no such block).

    `ours` says that gpustrap wrote there and keeps what was there before.
    """

    kind: str  # file | dir | absent
    mode: str | None = None  # octal, as in "644"
    sha256: str | None = None
    ours: bool = False


class FileStates(FactBase[dict[str, FileState]]):
    """Path → `FileState`, for `wanted`: (path, name of the block or "") pairs."""

    def command(self, wanted: Sequence[tuple[str, str]]) -> str:
        looks = "".join(f"look {shlex.quote(path)} {shlex.quote(block)}\n" for path, block in wanted)
        # The paths come back with the answers, so that `process` needs nothing but the output.
        paths = "".join(f"printf '%s\\n' {shlex.quote(path)}\n" for path, _ in wanted)
        return f"{_LOOK}{looks}{paths}"

    @staticmethod
    def default() -> dict[str, FileState]:
        return {}

    def process(self, output: list[str]) -> dict[str, FileState]:
        half = len(output) // 2
        return {path: _state(line) for line, path in zip(output[:half], output[half:], strict=True)}


def _state(line: str) -> FileState:
    kind, mode, sha256, ours = line.split(" ")
    return FileState(kind, None if mode == "-" else mode, None if sha256 == "-" else sha256, ours == "ours")
