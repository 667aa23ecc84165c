"""Who else on a box configures the clients that roles configure: names and files, never values. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gpustrap.language import tr

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
    git_rules: tuple[GitRule, ...] = ()
    git_global: str = ""  # the file that GIT_CONFIG_GLOBAL names, where there is one
    apt_proxies: tuple[str, ...] = ()  # files of apt's that speak of a proxy
    hf_tokens: tuple[str, ...] = ()  # files that hold a token of Hugging Face
    trusted_hosts: tuple[str, ...] = ()  # hosts that pip may ask without https
    rc_files: tuple[str, ...] = ()  # start-up files of shells there are, below the home directory
    conda_forge: bool = False  # this conda asks conda-forge only (Miniforge)
    ours: frozenset[str] = frozenset()

    def setting(self, names: Iterable[str]) -> tuple[SetVariable, ...]:
        """Who sets one of these variables, in the order of the survey."""
        wanted = set(names)
        return tuple(each for each in self.variables if each.name in wanted)


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
