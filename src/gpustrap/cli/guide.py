"""The guided start: from a pasted ssh command to a working box, with a question where only a person can answer.

Until the project is agreed to, nothing is written and nothing on the box is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from gpustrap.cli.output import note
from gpustrap.errors import BadInput, Fault, InstanceFailed
from gpustrap.language import mark, tr
from gpustrap.ui import ask

if TYPE_CHECKING:
    from gpustrap.inventory.hosts import Instance
    from gpustrap.inventory.paste import Pasted
    from gpustrap.resolve.box.survey import Survey
    from gpustrap.resolve.torch.answer import Explained
    from gpustrap.ui.login import Agreed, AtTerminal

T = TypeVar("T")

PASTE = mark("Paste the ssh command that your instance's page shows, or type `lab` to try it on this computer:")
CARD = mark("No card is visible. Which card will it have, such as RTX 4090? Enter for none:")
LAB = "lab"
TRIES = 5


@dataclass(frozen=True)
class Given:
    """The answers that were given as options; None is asked for, or with `yes` gets what is proposed."""

    ssh: str | None = None
    lab: bool = False
    flavour: str | None = None
    name: str | None = None
    gpu: str | None = None
    yes: bool = False

    @property
    def any(self) -> bool:
        return self != Given()


@dataclass(frozen=True)
class Proposed:
    """A project to write: its one instance, and the text of its hosts.yml."""

    name: str
    hosts: str


def propose(directory: Path, given: Given, asks: AtTerminal | Agreed) -> Proposed:
    """Ask, look at the box, say what it is. Raises BadInput, and InstanceFailed where the box cannot be reached."""
    text = LAB if given.lab else given.ssh or ask.ask_lines(tr(PASTE))
    if text.strip().casefold() == LAB:
        return _lab(directory, given)
    pasted = _until_good(given.ssh, text, lambda: ask.ask_lines(tr(PASTE)), _read)
    name = _name(pasted, given)
    survey = _look(directory, name, pasted, given, asks)
    return _rented(directory, name, pasted, survey, given)


def shown(proposed: Proposed, directory: Path) -> bool:
    """Show the instance as it would be written, and ask. True where nobody is to be asked."""
    from gpustrap.inventory.document import displayed
    from gpustrap.inventory.hosts import HOSTS_FILE

    _, _, instances = proposed.hosts.partition("\ninstances:\n")
    note(
        tr(
            "\n{file} would say:\n{instances}\n",
            file=displayed(directory / HOSTS_FILE),
            instances=instances.rstrip(),
        )
    )
    return ask.agrees(tr("Write it, and see what would be done?"), default=True)


def _lab(directory: Path, given: Given) -> Proposed:
    from gpustrap.inventory.hosts import read_hosts
    from gpustrap.inventory.starter import lab_hosts
    from gpustrap.lab.flavour import RELEASES

    name = given.name or "demo"
    text = lab_hosts(name, RELEASES[0], given.flavour)
    read_hosts(directory, text)
    note(
        tr("{name} is a container on this computer: made in a minute, removed by `gpustrap lab down {name}`", name=name)
    )
    return Proposed(name, text)


def _read(text: str) -> Pasted:
    from gpustrap.inventory.paste import read_paste

    return read_paste(text)


def _name(pasted: Pasted, given: Given) -> str:
    from gpustrap.inventory.edit import name_for

    say_left_out(pasted)
    if pasted.password:
        note(tr("the password is for the first login only, and is written nowhere"))
    proposed = name_for(pasted.target.host)
    first = given.name or (proposed if given.yes else ask.ask(tr("Its name:"), proposed))
    return _until_good(given.name or given.yes, first, lambda: ask.ask(tr("Its name:"), proposed), _named)


def say_left_out(pasted: Pasted) -> None:
    """What of the paste is not in the command; the password is spoken of elsewhere."""
    from gpustrap.inventory.paste import PASSWORD

    if unread := [what for what in pasted.left_out if what != PASSWORD]:
        note(tr("left out: {left_out}", left_out=", ".join(unread)))


def _named(name: str) -> str:
    from gpustrap.inventory.edit import must_be_name

    must_be_name(name)
    return name


def _look(directory: Path, name: str, pasted: Pasted, given: Given, asks: AtTerminal | Agreed) -> Survey:
    """What the box is. Where it cannot be reached, a person may mend that and try again."""
    from gpustrap.run.look import look

    instance = replace(_instance(directory, name, pasted.command), given=pasted.password)
    while True:
        note(tr("looking at {name}; nothing on it is changed without your yes …", name=name))
        seen = look([instance], directory, services=False, asks=asks)[name]
        for line in seen.said:
            note(f"{name}: {line}")
        if seen.survey is not None:
            if seen.new_host_key:
                note(tr("first contact, its host key {new_host_key} is kept", new_host_key=seen.new_host_key))
            return seen.survey
        assert seen.failed is not None
        if given.yes or not ask.at_terminal():
            raise seen.failed
        note(seen.failed)
        if not ask.agrees(tr("Try again?"), default=True):
            raise InstanceFailed(tr("not looked at, so nothing was written"), hint=tr("`gpustrap init` starts again"))


def _instance(directory: Path, name: str, command: str, gpu: str | None = None, *, torch: bool = False) -> Instance:
    from gpustrap.inventory.hosts import read_hosts
    from gpustrap.inventory.starter import rented_hosts

    return read_hosts(directory, rented_hosts(name, command, roles=_roles(torch), gpu=gpu)).instances[name]


def _rented(directory: Path, name: str, pasted: Pasted, survey: Survey, given: Given) -> Proposed:
    from gpustrap.catalog.providers import provider_of
    from gpustrap.cli.portrait import rows
    from gpustrap.inventory.starter import rented_hosts
    from gpustrap.resolve.torch.answer import Refusal
    from gpustrap.ui.table import aligned, stderr_width

    gpu = given.gpu if survey.gpus or given.yes or given.gpu else _asked_card()
    torch = _torch(_instance(directory, name, pasted.command, gpu, torch=True), survey) if survey.gpus or gpu else None
    note(f"\n{aligned(rows(survey, torch), width=stderr_width())}")
    fits = torch is not None and not isinstance(torch.answer, Refusal)
    ports = provider_of(survey.provider).ports
    return Proposed(
        name, rented_hosts(name, pasted.command, roles=_roles(fits), gpu=gpu, port=ports[0] if ports else None)
    )


def _roles(torch: bool) -> tuple[str, ...]:
    from gpustrap.inventory.starter import ROLES

    return (*ROLES[:-1], "torch", ROLES[-1]) if torch else ROLES


def _asked_card() -> str | None:
    return _until_good(None, ask.ask(tr(CARD)), lambda: ask.ask(tr(CARD)), _card) or None


def _card(name: str) -> str:
    from gpustrap.catalog.cards import load_cards
    from gpustrap.resolve.torch.machine import Machine, declare

    declare(Machine(), name or None, load_cards())
    return "" if name.casefold() == "none" else name


def _torch(instance: Instance, survey: Survey) -> Explained:
    from gpustrap.resolve.torch.answer import Explained, Refusal
    from gpustrap.run.torch import explained_for

    try:
        return explained_for(instance, survey)
    except InstanceFailed as failed:
        return Explained(Refusal("torch", failed.error))


def _until_good(given: object, first: str, again: Callable[[], str], read: Callable[[str], T]) -> T:
    """`read(first)`; what a person typed and cannot be used is said, and asked for again."""
    text = first
    for _ in range(TRIES):
        try:
            return read(text)
        except BadInput as bad:
            if given or not ask.at_terminal():
                raise
            note(bad)
        text = again()
    raise BadInput(Fault(tr("no usable answer after {tries} tries; nothing was written", tries=TRIES)))
