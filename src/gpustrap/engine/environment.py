"""Variables for every shell on the instance: login shells, `ssh HOST COMMAND`, services; and whoever else is there.

A role's variables stand in one file of its own under /etc/profile.d, which login shells and services read. A shell
that ssh starts for a command reads neither /etc/profile nor its files: there it is a line at the top of ~/.bashrc
(Debian and Ubuntu build bash so that it reads that file for ssh commands), or ~/.zshenv, or fish's files.

Ours have to win over what the rest of such a file sets, and many end early for a shell that nobody types in. So the
line reads the file it stands in, then our variables once more, and returns. /etc/profile.d has a second file for that.

What `everywhere` adds: PAM's /etc/environment, which cron, `su` and other users' ssh commands get, and what sudo lets
through. Secrets are not for them: that file is readable by all.

A variable that a start-up file of others makes readonly is tried first: to set it would end a login sh with an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic import SecretStr

from gpustrap.engine.operations.files import ManagedFile, ManagedKeys
from gpustrap.engine.wanted import files as rendered
from gpustrap.resolve.box.shells import Shells, shells_of
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.wanted import WantedFile

Variables = Mapping[str, str | SecretStr]


def files(
    role: str, variables: Variables, where: Shells | Survey, *, everywhere: bool = False, folders: Sequence[str] = ()
) -> list[ManagedFile | ManagedKeys]:
    """The files that give a role's variables to every shell; without variables they go.

    `folders` are those that PATH has to hold: they come to its end where they are not in it.
    """
    shells = shells_of(where) if isinstance(where, Survey) else where
    everyone = _everywhere(role, variables, shells) if everywhere else ()
    wanted = [*_of_shells(role, variables, shells, folders), *everyone]
    return rendered(wanted if variables or folders else [replace(one, src=None) for one in wanted])


def _of_shells(role: str, variables: Variables, shells: Shells, folders: Sequence[str]) -> Iterator[WantedFile]:
    own = f"/etc/profile.d/gpustrap-{role}.sh"
    values = {"role": role, "variables": variables, "folders": tuple(folders), "fixed": shells.fixed}
    yield WantedFile(own, "environment/profile.sh.j2", values)
    yield WantedFile(f"/etc/profile.d/zzzz-gpustrap-{role}.sh", "environment/hook.sh.j2", {"own": own})
    for name in shells.wrapped:
        yield _wrap("environment/wrap.sh.j2", f"{shells.home}/{name}", role, own)
    if shells.fish:
        fish = f"{shells.home}/.config/fish/conf.d/gpustrap-{role}.fish"
        yield WantedFile(fish, "environment/profile.fish.j2", values)
        yield _wrap("environment/wrap.fish.j2", f"{shells.home}/.config/fish/config.fish", role, fish)


def _wrap(src: str, dest: str, role: str, own: str) -> WantedFile:
    """The line at the top of a start-up file: below "not interactive: return" it would not be read."""
    return WantedFile(dest, src, {"own": own, "file": dest, "role": role}, block=role, top=True)


def _everywhere(role: str, variables: Variables, shells: Shells) -> Iterator[WantedFile]:
    plain = {name: value for name, value in variables.items() if isinstance(value, str) and _is_plain(value)}
    yield WantedFile("/etc/environment", "environment/pam.j2", {"variables": plain}, block=role)
    if shells.sudo:
        names = {"role": role, "names": tuple(variables)}
        yield WantedFile(f"/etc/sudoers.d/gpustrap-{role}", "environment/sudoers.j2", names, mode="440")


def _is_plain(value: str) -> bool:
    """Whether PAM reads the value as it stands: for it `#` begins a comment, and quotes are no part of a value."""
    return re.search(r"[\s#'\"\\$]", value) is None
