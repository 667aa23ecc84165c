"""A public key put into a login's authorized_keys, and what there makes sshd pass it over."""

from __future__ import annotations

import re
from dataclasses import dataclass

from paramiko import SSHClient

from gpustrap.engine import failures
from gpustrap.engine.no_shell import in_short
from gpustrap.engine.scripts import script
from gpustrap.engine.wire import BARE
from gpustrap.errors import InstanceFailed
from gpustrap.language import mark, tr

SECONDS = 30
MOST_SAID = 10_000  # bytes
SHELL_HINT = mark("does `ssh` to it run a command: `ssh … uname -a`?")
CANNOT_WRITE = (
    (r"[Rr]ead-only file system", mark("the login's home cannot be written there: put the key on the provider's page")),
    (r"No space left|[Qq]uota exceeded", mark("the disk of the login's home is full: free some there, then run again")),
    (
        r"Permission denied|not permitted",
        mark("the login's ~/.ssh is not its own there: `ls -ld ~ ~/.ssh` shows it"),
    ),
)


@dataclass(frozen=True)
class LetIn:
    """`new` tells whether the key was not there before; `loose` are files that others may write to, or own."""

    new: bool
    loose: tuple[str, ...] = ()


def let_in(client: SSHClient, key: str) -> LetIn:
    """Add a public key to the login's own authorized_keys. Raises InstanceFailed.

    Run without the wire, since that may run commands as root by sudo.
    """
    stdin, stdout, stderr = client.exec_command("sh -s", timeout=SECONDS)
    try:
        stdin.write(BARE + script("authorize", key=key, file="", block=""))
        stdin.channel.shutdown_write()
        said, wrong = stdout.read(MOST_SAID).decode(errors="replace"), stderr.read(MOST_SAID).decode(errors="replace")
    except OSError as error:
        raise failures.of_lost(error) from error
    if word := re.search(r"^(there|added)$", said, re.MULTILINE):
        return LetIn(word.group() == "added", tuple(re.findall(r"^loose (/.+)$", said, re.MULTILINE)))
    words = in_short(wrong or said)
    hint = next((hint for pattern, hint in CANNOT_WRITE if re.search(pattern, wrong)), SHELL_HINT)
    raise InstanceFailed(
        tr("the key could not be let in: {words}", words=words or tr("nothing was said")),
        operation="connect",
        hint=tr(hint),
    )
