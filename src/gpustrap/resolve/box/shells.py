"""Which files give variables to which shell of a box. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gpustrap.language import tr
from gpustrap.resolve.box.survey import Survey

LOGIN = (".bash_profile", ".bash_login", ".profile")
ZSH = (".zprofile", ".zshrc", ".zlogin")
KSH = (".kshrc", ".mkshrc", ".shrc", ".shinit")  # what ENV names for ksh, mksh and dash, by custom


# Login shells that read a file of ours for `ssh HOST COMMAND`.
READ_FOR_COMMANDS = ("bash", "zsh", "fish", "")  # "": not told


@dataclass(frozen=True)
class Shells:
    """The start-up files, below `home`, that a hook goes into; whether fish is there; whether sudo is."""

    home: str
    wrapped: tuple[str, ...]
    fish: bool = False
    sudo: bool = False
    unread: tuple[str, ...] = ()  # a sentence where ssh commands get only those of PAM
    fixed: frozenset[str] = frozenset()  # variables that others have made readonly


def shells_of(survey: Survey) -> Shells:
    """Bash's ~/.bashrc always, since root's shell on Debian and Ubuntu is bash; zsh's and fish's where there is one.

    Of the other files those that are there: a file that is not, sets nothing that ours would have to come after.
    """
    there = survey.configuration.rc_files
    zsh = survey.shell.endswith("/zsh") or "zsh" in survey.tools
    fish = survey.shell.endswith("/fish") or "fish" in survey.tools
    wrapped = (
        ".bashrc",
        *(name for name in (*LOGIN, *KSH) if name in there),
        *((".zshenv",) if zsh else ()),
        *(name for name in ZSH if zsh and name in there),
    )
    fixed = frozenset(each.name for each in survey.configuration.fixed)
    return Shells(survey.home, wrapped, fish, "sudo" in survey.tools, _unread(survey), fixed)


def reads_for_commands(survey: Survey) -> bool:
    """Whether the login shell reads a file of ours before a command that ssh runs. dash and ksh read none."""
    return survey.shell.rpartition("/")[2] in READ_FOR_COMMANDS


def _unread(survey: Survey) -> tuple[str, ...]:
    if reads_for_commands(survey):
        return ()
    shell = survey.shell.rpartition("/")[2]
    return (
        tr(
            "`ssh HOST COMMAND` is run by {shell}, which reads no file first: of the variables it gets those that PAM "
            "reads from /etc/environment, login shells get all",
            shell=shell,
        ),
    )
