"""Who else on a box configures the clients that roles configure: names and files, never values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gpustrap.language import mark, tr

PID1 = "pid1"
ENVIRONMENT = "environment"
GIT_ENVIRONMENT = "command-line"  # where git has a rule from that it reads in a variable
GIT_VARIABLES = ("GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS")  # which give git rules


@dataclass(frozen=True)
class SetVariable:
    """A variable that somebody else sets: at `line` of the file `place`, or in an environment: PID1, ENVIRONMENT."""

    name: str
    place: str
    line: int = 0

    @property
    def where(self) -> str:
        """For a person: `/root/.bashrc:12`."""
        if self.place == PID1:
            return tr("the environment of PID 1")
        if self.place == ENVIRONMENT:
            return tr("the environment of ssh commands")
        return f"{self.place}:{self.line}" if self.line else self.place


@dataclass(frozen=True)
class SetKey:
    """A setting in a client's file. `section` is "-" where the file has none around it."""

    section: str
    key: str
    file: str


@dataclass(frozen=True)
class GitRule:
    """One of git's `url.BASE.insteadof` or `http[.URL].proxy`, with the file it stands in.

    `late`: git reads it after our rules on the proxy.
    `value` is the prefix that is rewritten; of a proxy it is "set", or empty for "no proxy here".
    What stood before the @ of a URL is masked.
    """

    file: str
    key: str
    value: str
    late: bool = False

    @property
    def url(self) -> str | None:
        """Of `http.URL.proxy` the URL."""
        inner = self.key.removeprefix("http.").removesuffix("proxy").rstrip(".")
        return inner or None


@dataclass(frozen=True)
class Configuration:
    """What is set by others. `ours` are the variables that our own files gave when the box was looked at."""

    variables: tuple[SetVariable, ...] = ()
    keys: tuple[SetKey, ...] = ()
    fixed: tuple[SetVariable, ...] = ()  # those that somebody makes readonly
    options: tuple[SetVariable, ...] = ()  # `set -e` and `set -u`, by letter, in start-up files
    renamed: tuple[SetVariable, ...] = ()  # clients that an alias or a function of a start-up file stands for
    apt_hosts: tuple[str, ...] = ()  # hosts for which apt has a proxy, or none, of their own
    git_rules: tuple[GitRule, ...] = ()
    git_global: str = ""  # the file that GIT_CONFIG_GLOBAL names, where there is one
    git_there: tuple[tuple[str, str], ...] = ()  # condition, file with a proxy or a mirror that git reads there only
    apt_moved: tuple[str, ...] = ()  # files that say where apt has its sources (Dir::Etc)
    apt_proxies: tuple[str, ...] = ()  # files of apt's that speak of a proxy
    hf_tokens: tuple[str, ...] = ()  # files that hold a token of Hugging Face
    trusted_hosts: tuple[str, ...] = ()  # hosts that pip may ask without https
    rc_files: tuple[str, ...] = ()  # start-up files of shells there are, below the home directory
    conda_forge: bool = False  # this conda asks conda-forge only (Miniforge)
    ours: frozenset[str] = frozenset()
    own_proxies: Mapping[tuple[str, str], str] = field(default_factory=dict)  # key, file → SHA-256, of clients'
    project_files: frozenset[str] = frozenset()  # clients' files in the folders of a person's programs

    def setting(self, names: Iterable[str]) -> tuple[SetVariable, ...]:
        """Who sets one of these variables, in the order of the survey."""
        wanted = set(names)
        return tuple(each for each in self.variables if each.name in wanted)


ENDING = {
    "e": mark("the first command behind it that fails"),
    "u": mark("the first variable behind it that is not set"),
}


def endings(said: Configuration) -> tuple[str, ...]:
    """A sentence on each start-up file with which shells end before they run a command, one day or another."""
    return tuple(
        tr(
            "`set -{option}` in {where}: {cause} ends every shell that reads that file; take it away there",
            option=each.name,
            where=each.where,
            cause=tr(ENDING[each.name]),
        )
        for each in said.options
        if each.name in ENDING
    )


def readonly(names: Iterable[str], said: Configuration) -> tuple[str, ...]:
    """A sentence on each variable that has to be set, and that a start-up file of others makes readonly."""
    wanted = set(names)
    return tuple(
        tr("{each.name} is readonly in {each.where}, so nothing after it can set it: take that away there", each=each)
        for each in said.fixed
        if each.name in wanted
    )


def who_sets(names: Iterable[str], said: Configuration) -> list[str]:
    """`NAME in PLACE`, once a place, for a person."""
    first: dict[tuple[str, str], SetVariable] = {}
    for each in said.setting(names):
        first.setdefault((each.name, each.place), each)
    return [f"{each.name} in {each.where}" for each in first.values()]


def some_of(who: Sequence[str], most: int = 4) -> str:
    """The first of them, and how many more there are."""
    more = len(who) - most
    return ", ".join(who[:most]) + (tr(" and {more} more", more=more) if more > 0 else "")
