"""The step between survey and decision that measures mirrors, where hosts.yml asks for it and a day has passed."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from gpustrap import content
from gpustrap.engine.facts.survey import MEASURED
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.net.measured import Measured, Row, choose, is_fresh, read, write
from gpustrap.run.work import Work

if TYPE_CHECKING:
    from gpustrap.catalog.mirrors import Kind

ROLE = "mirrors"
ANSWER_SECONDS = 30
KINDS: tuple[Kind, ...] = ("apt", "pypi", "conda", "npm", "hf", "python-build", "git")


def measure(work: Work, *, keep: bool) -> None:
    """Let the survey say what the mirrors do now. With `keep` it is remembered on the box.

    A measurement that is younger than a day counts, unless a new one is asked for; so a run makes no more execs.
    """
    settings = work.instance.settings.get(ROLE)
    if ROLE not in work.instance.roles or not getattr(settings, "measure", False):
        if work.options.measure:
            work.says(tr("nothing is measured: hosts.yml does not say `mirrors: {measure: true}`"))
        return
    assert work.survey is not None
    known = read(work.survey.measured)
    if is_fresh(known, time.time()) and not work.options.measure:
        return
    kinds = [kind for kind in KINDS if getattr(settings, kind.replace("-", "_")) == "auto"] + _wheels(work)
    work.says(tr("measuring mirrors from the box, 8 s at most"))
    if rows := _rows(work, kinds):
        new = Measured(int(time.time()), rows[1], tuple(rows[0]), choose(rows[0], known.chosen if known else {}))
        work.survey = replace(work.survey, measured=write(new))
        if keep:
            _remember(work, write(new))


def _wheels(work: Work) -> list[Kind]:
    """PyTorch's wheels too, where the role torch is left to choose."""
    left = getattr(work.instance.settings.get("torch"), "wheel_mirrors", ()) is None
    return ["torch"] if left and "torch" in work.instance.roles else []


def _rows(work: Work, kinds: list[Kind]) -> tuple[list[Row], str] | None:
    """What each place answered, and who asked; None where the box could not ask."""
    from gpustrap.engine.facts import measure as fact  # what few runs need is not imported for all
    from gpustrap.resolve.net.candidates import candidates

    assert work.survey is not None
    distro = content.role_module(ROLE, "apt").distro_of(work.survey)
    found = candidates(kinds, work.survey, distro)
    work.session.connector.execs += 1
    answer = work.session.connector.wire.run(fact.command(found), seconds=ANSWER_SECONDS)
    output = answer.stdout.decode("utf-8", "replace")
    rows, asker = fact.read_rows(output, found), fact.asker(output)
    if not rows:
        work.says(tr("the mirrors could not be measured: the box has neither curl nor python3 nor wget"))
        return None
    return rows, asker


@contextmanager
def measured_again_if_it_fails(work: Work) -> Iterator[None]:
    """What was measured counts no more where something fails inside: that may have been a mirror's fault."""
    try:
        yield
    except InstanceFailed:
        with suppress(InstanceFailed):
            _forget(work)
        raise


def _forget(work: Work) -> None:
    if work.survey is not None and work.survey.measured and work.session.connector.connected:
        work.session.connector.wire.run(f"rm -f {shlex.quote(MEASURED)}", seconds=ANSWER_SECONDS)


def _remember(work: Work, text: str) -> None:
    file = shlex.quote(MEASURED)
    folder = shlex.quote(MEASURED.rpartition("/")[0])
    work.session.connector.execs += 1
    work.session.connector.wire.run(
        f"umask 077; mkdir -p {folder} && cat >{file}.new && mv -f {file}.new {file}", stdin=text.encode()
    )
