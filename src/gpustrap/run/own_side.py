"""The doctor's look at this computer: the key, what ssh_config does on the way, the proxy that variables name."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from gpustrap.inventory.instance import Instance
from gpustrap.inventory.proxy_command import missing_program
from gpustrap.language import tr
from gpustrap.laptop import keys
from gpustrap.laptop.own_proxy import dead_proxy
from gpustrap.resolve.net.judge import Verdict
from gpustrap.run.refusal import identity_of

OTHERS = 0o077


def fix(instance: Instance) -> str | None:
    """Mend what is safe to mend here, and say what that was: a key that others may read. Raises OSError."""
    wide = None if instance.ssh is None else _wide(keys.usable_key(identity_of(instance)))
    if wide is None:
        return None
    wide.chmod(wide.stat().st_mode & ~OTHERS)
    return tr("the key {path} is its owner's alone now", path=wide)


def own_side(instance: Instance, environment: Mapping[str, str] = os.environ) -> list[Verdict]:
    """What is not well here, for this instance. A lab target is logged in to by a key of gpustrap's own."""
    way = [] if instance.ssh is None else [*_key(instance), *_command(instance.ssh.host)]
    return [*way, *_proxy(environment)]


def _verdict(cause: str, sentence: str, mend: str, host: str = "") -> Verdict:
    return Verdict("laptop", tr("this computer"), host, "slow", cause, sentence, mend)


def _wide(key: keys.Key | None) -> Path | None:
    """The key's file, where others may read it."""
    path = None if key is None else key.path
    return path if path is not None and path.stat().st_mode & OTHERS else None


def _key(instance: Instance) -> Iterator[Verdict]:
    key = keys.usable_key(identity_of(instance))
    if wide := _wide(key):
        said = tr("other users may read the key {path}: ssh, rsync and editors refuse it", path=wide)
        yield _verdict("key_wide", said, tr("here: `chmod 600 {path}`", path=shlex.quote(str(wide))))
    if key is None and not keys.agent_keys():
        yield _no_key(keys.unusable_key(identity_of(instance)), instance)


def _no_key(spoilt: keys.Unusable | None, instance: Instance) -> Verdict:
    if spoilt is not None and spoilt.locked:
        said = tr("the key {path} has a passphrase, and no ssh agent holds it", path=spoilt.path)
        return _verdict("key_locked", said, tr("here: `ssh-add {path}`", path=shlex.quote(str(spoilt.path))))
    said = tr("there is no key to log in with, and no ssh agent holds one")
    return _verdict("key_missing", said, tr("`gpustrap up {name}` at a terminal makes one", name=instance.typed))


def _command(host: str) -> Iterator[Verdict]:
    """ssh says of that only that the connection was closed."""
    if program := missing_program(host):
        said = tr("ssh_config's ProxyCommand runs {program}, which is not there", program=program)
        mend = tr("here: install it, or `ProxyCommand none` for this host in ~/.ssh/config")
        yield _verdict("proxy_command", said, mend, host)


def _proxy(environment: Mapping[str, str]) -> Iterator[Verdict]:
    if dead := dead_proxy(environment):
        name, place = dead
        said = tr("{name} names a proxy that does not answer: downloads on this computer fail", name=name)
        yield _verdict("own_proxy_dead", said, tr("here: start it, or `unset {name}`", name=name), place)
