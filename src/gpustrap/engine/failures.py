"""What went wrong on an instance, from the words of ssh or a shell to a sentence and what to do."""

from __future__ import annotations

import errno
import logging
import os
import re
import shlex
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gevent import GreenletExit, Timeout
from paramiko import SSHException

from gpustrap.engine import hub_words
from gpustrap.engine.exhausted import EXHAUSTED
from gpustrap.errors import BadInput, InstanceFailed
from gpustrap.language import mark, tr

logger = logging.getLogger("gpustrap")

# What ends a run or a part of it on purpose. All else that a role's own code raises is a mistake, `sys.exit` too.
ENDS = (KeyboardInterrupt, GreenletExit, Timeout)
# Of files, never of a connection, where Python does not tell which file it was.
OF_FILES = tuple(getattr(errno, one) for one in "ENOSPC EDQUOT EROFS EACCES EISDIR ENOTDIR ENOENT EFBIG".split())
MOST_SHOWN = 120  # characters of a command in a sentence
GOES_ON = mark("run the same command again: it goes on where it was")

_CONNECTING = (
    (
        r"encrypted, set ssh_key_password",
        mark("the key has a passphrase"),
        mark("`ssh-add` unlocks it; then leave `-i` out of the ssh command, so that the agent is asked"),
    ),
    (
        r"StrictPolicy|No host key for",
        mark("its host key is not known"),
        mark("compare the key with the provider's page; `gpustrap up {typed} --accept-new-key` takes it"),
    ),
    (
        r"Could not resolve hostname|Name or service not known|nodename nor servname",
        mark("its host name is not known to DNS"),
        mark("is the instance still rented? copy the ssh command from the provider's page again"),
    ),
    (
        r"Connection refused",
        mark("nothing listens on its ssh port"),
        mark("is the instance started? its port may be another one after a restart"),
    ),
    (
        r"timed out|TimeoutError|No route to host|Network is unreachable|Unable to connect to port",
        mark("it does not answer"),
        mark("is the instance started, and is this network allowed to reach its port?"),
    ),
    (
        r"No such file or directory: '(?!.*(\.ssh/|key|id_))",
        mark("the ProxyCommand of your ssh_config cannot be run"),
        mark("is that program installed on this computer?"),
    ),
    (
        r"Invalid (private )?key|No such private key|not a valid|No such file|Permission denied",
        mark("the key file cannot be used"),
        mark("give the path of a private key that this user can read with `-i`"),
    ),
)

_RUNNING = (
    *EXHAUSTED,
    (
        r"Read-only file system",
        mark("the file system is read-only"),
        mark("`mount` on the instance shows it; a provider's disk fault needs a restart there"),
    ),
    (
        r"File too large",
        mark("a file is larger than this login may write"),
        mark("`ulimit -f` in a start-up file of the login shell there sets that"),
    ),
    (
        r"Operation not permitted",
        mark("a file there may not be changed, not even by root"),
        mark("`lsattr` on the instance shows whether it is immutable; `chattr -i` lifts that"),
    ),
    (
        r"[Tt]emporary failure (in name resolution|resolving)|Could not resolve",
        mark("the instance cannot resolve host names"),
        mark("set network.proxy, or a mirror that this network reaches"),
    ),
    (
        r"Could not get lock",
        mark("another apt is at work on the instance"),
        mark("wait until it has ended, then run again"),
    ),
    (r"Unable to locate package|has no installation candidate", mark("apt does not know a package"), None),
    (
        r"(\S+): (command )?not found",
        mark("a command is missing on the instance"),
        mark("install it there first, by apt where it has that"),
    ),
)


def debugging() -> str:
    """The command that was typed, with `--debug`."""
    return shlex.join(["gpustrap", "--debug", *(word for word in sys.argv[1:] if word != "--debug")])


class KeyRefused(InstanceFailed):
    """The instance lets none of our keys in, nor the password where one was given."""


class TooManyKeys(KeyRefused):
    """The instance ended the login while keys were offered: sshd counts each as a try (MaxAuthTries, 6 by default)."""


class GatewayBusy(InstanceFailed):
    """The ssh gateway takes the connection and gives no banner: it refuses frequent connections for a while.

    Seen with gpushare's gateways, which recover within 30 to 90 seconds. Waiting helps.
    """


class HostKeyChanged(InstanceFailed):
    """The instance shows another key than the one it had. After a reset that is expected; ask."""


@contextmanager
def in_role(role: str) -> Iterator[None]:
    """Name the role in a failure that comes from inside one; a mistake in a person's own role is one too."""
    try:
        yield
    except (InstanceFailed, BadInput) as failure:
        operation, hint = getattr(failure, "operation", None), getattr(failure, "hint", None)
        error = failure.error if isinstance(failure, InstanceFailed) else str(failure)
        named = getattr(failure, "role", None) or role  # a decision that this one reads may be another role's
        raise InstanceFailed(error, role=named, operation=operation, hint=hint) from failure
    except ENDS:
        raise
    except BaseException as mistake:
        raise of_mistake(mistake, role, None) from mistake


def of_mistake(mistake: BaseException, role: str, operation: str | None) -> InstanceFailed:
    """An exception that nobody meant, from a role's own code: its kind, its words and its last line there."""
    logger.debug("role %s", role, exc_info=mistake)
    place = _place(traceback.extract_tb(mistake.__traceback__), role)
    words = f"{type(mistake).__name__}: {mistake}"
    if isinstance(mistake, SystemExit):
        words = tr("it ends the whole run by an exit of its own: {mistake}", mistake=mistake)
    return InstanceFailed(
        f"{words} ({place})",
        role=role,
        operation=operation,
        hint=tr("a mistake in the role's code? `{debugging}` shows where", debugging=debugging()),
    )


def _place(frames: Sequence[traceback.FrameSummary], role: str) -> str:
    """The deepest line of the role's own files, with their folder; of a role without one, the deepest there is."""
    own = [frame for frame in frames if Path(frame.filename).parent.parts[-2:] == ("roles", role)]
    frame = (own or frames)[-1]
    return f"{f'roles/{role}/' if own else ''}{Path(frame.filename).name}:{frame.lineno}"


def of_unforeseen(error: BaseException) -> InstanceFailed:
    """What no part of gpustrap foresaw, on one instance: a cut connection, an answer that cannot be read."""
    if isinstance(error, OSError) and (error.filename is not None or error.errno in OF_FILES):
        return of_own_file(error)
    if isinstance(error, EOFError | OSError | SSHException):
        return of_lost(error)
    return InstanceFailed(
        tr("an answer that gpustrap cannot read ({name}: {error})", name=type(error).__name__, error=error),
        hint=tr("`{debugging}` shows where; please report it", debugging=debugging()),
    )


def of_own_file(error: OSError) -> InstanceFailed:
    """A file on this computer that cannot be read or written."""
    where = f"{error.filename}: " if error.filename else ""
    words = os.strerror(error.errno) if error.errno else str(error)
    return InstanceFailed(
        tr("gpustrap's own files on this computer: {where}{words}", where=where, words=words),
        hint=tr("GPUSTRAP_HOME names the folder that gpustrap keeps them in"),
    )


def of_lost(error: Exception | None) -> InstanceFailed:
    """The connection ended in the middle of something."""
    words = f" ({_words(error)})" if error is not None else ""
    return InstanceFailed(tr("the connection was lost{words}", words=words), hint=tr(GOES_ON))


def of_silence(seconds: int) -> InstanceFailed:
    return InstanceFailed(
        tr("the connection is dead: no sign of life for {seconds} s", seconds=seconds), hint=tr(GOES_ON)
    )


def of_too_much(most: int) -> InstanceFailed:
    return InstanceFailed(
        tr("a command printed more than {most} MB, which is not read to its end", most=most // 1000000)
    )


def of_connecting(error: Exception, typed: str) -> InstanceFailed:
    """Why there is no connection, in words, with the original words behind. `typed` names it in a command line."""
    words = _words(error)
    if isinstance(error, ValueError | RecursionError) or "Unparsable" in words:
        circle = tr("a jump host has itself a ProxyJump") if isinstance(error, RecursionError) else words
        return InstanceFailed(
            tr("your ssh_config cannot be used ({circle})", circle=circle),
            operation="connect",
            hint=tr("`ssh -G HOST` shows what it says for this instance"),
        )
    if "SSH host key error" in words:
        shown = getattr(getattr(error.__context__, "key", None), "fingerprint", None)
        return HostKeyChanged(
            tr("its host key has changed, it is now {shown}", shown=shown or tr("another one")),
            operation="connect",
            hint=tr(
                "a reset instance has a new key: if it was reset, `gpustrap up {typed} --accept-new-key` takes it",
                typed=typed,
            ),
        )
    if refused := _of_login(words):
        return refused
    for pattern, sentence, hint in _CONNECTING:
        if re.search(pattern, words):
            told = f"{tr(sentence)} ({words})"
            return InstanceFailed(told, operation="connect", hint=tr(hint, typed=typed))
    return InstanceFailed(words, operation="connect")


def _of_login(words: str) -> InstanceFailed | None:
    """Where the connection stood, and the login did not come about."""
    if re.search("Too many authentication|transport shut down or saw EOF|No existing session", words):
        return TooManyKeys(
            tr("the instance ended the login while this laptop's keys were tried ({words})", words=words),
            operation="connect",
            hint=tr(
                "has the ssh agent many keys? name the right one by `-i FILE` in the ssh command: no other is offered"
            ),
        )
    if re.search("banner|EOF|reset by peer", words):
        return GatewayBusy(
            tr("its ssh gateway closed the connection ({words})", words=words),
            operation="connect",
            hint=tr("gateways refuse frequent connections for 30 to 90 seconds: wait, then run again"),
        )
    if re.search(
        r"Authentication (error|failed)|AuthenticationException|No authentication methods|^SSH error .*encrypted", words
    ):
        return KeyRefused(
            tr("the instance refuses our key or password ({words})", words=words),
            operation="connect",
            hint=tr("is the key's public half in its authorized_keys? `ssh-add` unlocks a key with a passphrase"),
        )
    return None


def _words(error: Exception) -> str:
    """What is said of the error; where paramiko tried several addresses, what the last one answered."""
    tried = getattr(error.__context__, "errors", None)
    if isinstance(tried, dict) and tried:
        return f"{[*tried][-1][0]} port {[*tried][-1][1]}: {[*tried.values()][-1].strerror or 'no answer'}"
    words = str(error) or type(error).__name__
    return words.replace("Authentication error () (Authentication failed.)", "Authentication failed")


def ended(command: str, status: int) -> str:
    """How a command ended, for one that a person wrote: a line that can be read; empty for a script of ours."""
    if "\n" in command or len(command) > MOST_SHOWN:
        return ""
    return tr("`{command}` ended with exit code {status}", command=command, status=status)


def of_operation(
    lines: Sequence[str], connected: bool, role: str | None, operation: str, ran: str = ""
) -> InstanceFailed:
    """Why an operation failed, from the last lines it printed; `ran` says how its command ended."""
    said = [line for line in lines if line.strip()]
    words = "\n".join(said[-20:])
    if not connected:
        return InstanceFailed(tr("the connection was lost"), role=role, operation=operation, hint=tr(GOES_ON))
    if of_hub := hub_words.failure_of(said, role):
        return of_hub
    for pattern, sentence, hint in _RUNNING:
        if found := re.search(pattern, words):
            line = next(line for line in reversed(said) if found.group(0) in line)
            told = f"{tr(sentence)} ({line.strip()})"
            return InstanceFailed(told, role=role, operation=operation, hint=hint and tr(hint))
    words = words or ("" if ran else tr("the command failed and said nothing"))
    return InstanceFailed("\n".join(filter(None, [words, ran])), role=role, operation=operation)
