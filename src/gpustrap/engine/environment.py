"""Variables for every shell on the instance: login shells, `ssh HOST COMMAND`, services.

A role's variables stand in one file of its own under /etc/profile.d, which login shells and services
read. A shell that ssh starts for a command reads neither /etc/profile nor its files: there it is a
block at the top of ~/.bashrc (Debian and Ubuntu build bash so that it reads that file for ssh
commands), or ~/.zshenv, or fish's conf.d.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from gpustrap.engine.operations.files import ManagedFile
from gpustrap.engine.templates import template
from gpustrap.resolve.box.survey import Survey


def files(role: str, variables: Mapping[str, str | SecretStr], survey: Survey) -> list[ManagedFile]:
    """The files that give a role's variables to every shell; without variables they go."""
    own = f"/etc/profile.d/gpustrap-{role}.sh"
    wanted = [_variables("environment/profile.sh.j2", own, role, variables)]
    # Bash's always, since root's shell on Debian and Ubuntu is bash; zsh's where it is the login shell.
    for file in [".bashrc", *([".zshenv"] if survey.shell.endswith("/zsh") else [])]:
        wanted.append(_hook(f"{survey.home}/{file}", role, own if variables else None))
    if survey.shell.endswith("/fish"):
        fish = f"{survey.home}/.config/fish/conf.d/gpustrap-{role}.fish"
        wanted.append(_variables("environment/profile.fish.j2", fish, role, variables))
    return wanted


def _variables(src: str, dest: str, role: str, variables: Mapping[str, str | SecretStr]) -> ManagedFile:
    return template(src, dest, when=variables, role=role, variables=variables)


def _hook(dest: str, role: str, own: str | None) -> ManagedFile:
    """The block that reads a role's file of variables, at the top: below "not interactive: return" none would."""
    return template("environment/hook.sh.j2", dest, when=own, block=role, top=True, own=own)
