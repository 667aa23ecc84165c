"""A git checkout on the instance: its commit, and what is in it that is nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from pyinfra.api import FactBase

from gpustrap.engine.facts.project import by
from gpustrap.engine.plain import still
from gpustrap.engine.scripts import clean, script
from gpustrap.language import tr

Place = Literal["absent", "empty", "there", "blocked", "checkout"]


@dataclass(frozen=True)
class CheckoutState:
    """`place` is there for a folder with files and no git, blocked for no folder.

    `changed` are files of the repository that were changed, `commits` such as "1a2b3c4 subject" are in no repository
    that it was fetched from. `modules`: submodules that are not as the commit wants them. `pointers`: files whose
    content Git LFS keeps and that is not there.
    """

    place: Place = "absent"
    head: str = ""
    changed: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()


def checkout_script(name: str, user: str, key: str = "", config: str = "", **parameters: str) -> str:
    """`checkout-NAME.sh`, run by that user."""
    return by(user, clean("checkout-common", key=key, config=config) + script(f"checkout-{name}", **parameters))


class CheckoutFolder(FactBase[CheckoutState]):
    """The folder `dest`, looked at by `user`."""

    def command(self, dest: str, user: str) -> str:
        return checkout_script("look", user, dest=dest)

    @staticmethod
    def default() -> CheckoutState:
        return CheckoutState()

    def process(self, output: list[str]) -> CheckoutState:
        said: dict[str, list[str]] = {}
        for line in output:
            key, _, rest = line.partition(" ")
            said.setdefault(key, []).append(still(rest))
        for place in get_args(Place):
            if said.get("place", [""])[-1] == place:
                return CheckoutState(
                    place,
                    next((one for one in said.get("head", ()) if re.fullmatch("[0-9a-f]{40}", one)), ""),
                    tuple(one[3:] for one in said.get("changed", ())),
                    tuple(said.get("commit", ())),
                    tuple(said.get("module", ())),
                    tuple(said.get("pointer", ())),
                )
        raise ValueError(tr("the answer was cut off"))
