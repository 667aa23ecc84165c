"""What a person sees of a run: one line an event, on a terminal what each instance is at, a summary.

Everything goes to stderr; stdout is for data. On a terminal a long line is wrapped under its own text, else
it is left whole. No meaning is in a colour alone. Secrets are masked, and nothing that an instance says moves
the cursor.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from gpustrap.language import mark, tr
from gpustrap.ui.answers import meant, neither
from gpustrap.ui.doing import Doing
from gpustrap.ui.login import AtTerminal
from gpustrap.ui.outline import counted, details_of, of_changing_roles, outline
from gpustrap.ui.plain import in_one_line, shown
from gpustrap.ui.progress import Progress, progress_of
from gpustrap.ui.qr import draw
from gpustrap.ui.table import wrapped
from gpustrap.ui.wrapping import broken

if TYPE_CHECKING:
    from gpustrap.engine.session import Operation
    from gpustrap.errors import InstanceFailed
    from gpustrap.run.report import Change, Result

DETAILS_SHOWN = 12
SIGNS = {"would change": "yellow", mark("changed"): "yellow", mark("failed"): "red"}
NARROW = 60  # columns: what stands under a line is moved in less
ROWS_KEPT = 4  # of the terminal's height, for what is not the live part


class Show(Enum):
    """How much of a run is shown."""

    QUIET = "what fails, what is asked, and the summary"
    NORMAL = "what changes"
    ALL = "every detail, and every line that is printed on the instance"


def console(color: str = "auto") -> Console:
    """What writes to stderr; `always` colours a pipe too, `never` and NO_COLOR nothing."""
    if color == "always" and not sys.stderr.isatty():
        return Console(stderr=True, highlight=False, force_terminal=True, force_interactive=False, no_color=False)
    no_color = {"always": False, "never": True}.get(color)
    return Console(stderr=True, highlight=False, no_color=no_color)


class Lines:
    """Shows a run. As a context, it leaves the terminal as it was however the run ends."""

    def __init__(
        self,
        *,
        planning: bool = False,
        console: Console | None = None,
        show: Show = Show.NORMAL,
        asks: AtTerminal | None = None,
        diff: bool = False,
        enter_agrees: bool = False,
    ):
        self._console = console or Console(stderr=True, highlight=False)
        self._planning = planning
        self._show = show
        self._diff = diff
        self._enter_agrees = enter_agrees
        self._tenths: dict[tuple[str, str], int] = {}  # by instance and download: how far it was said to be
        self._sign = "would change" if planning else "changed"
        self._at: dict[str, Doing] = {}
        self._reasons: dict[str, dict[str, Sequence[str]]] = {}  # by instance and role: those not shown yet
        self._live: Live | None = None
        self.asks = asks or AtTerminal()
        self.asks.before = self._end_live

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._end_live()

    def says(self, instance: str, text: str) -> None:
        self._now(instance, text)
        if text != tr("connecting") and self._show != Show.QUIET:
            self._print(f"{instance}: {text}")

    def starts(self, instance: str, operation: Operation) -> None:
        self._now(instance, f"{operation.role} | {operation.name}")
        self._tenths = {key: tenth for key, tenth in self._tenths.items() if key[0] != instance}

    def decided(self, instance: str, reasons: Mapping[str, Sequence[str]]) -> None:
        """Why each role was decided as it was: shown with the plan, by `up` where the role changes something."""
        self._reasons[instance] = dict(reasons)

    def planned(self, instance: str, changes: Sequence[Change]) -> None:
        """What would change, by role; also what was decided for the roles that change nothing."""
        if self._show != Show.QUIET:
            self._outline(instance, changes, self._reasons.pop(instance, {}))

    def changed(self, instance: str, change: Change) -> None:
        if self._show != Show.QUIET:
            self._change(instance, change, self._sign)

    def prints(self, instance: str, line: str) -> None:
        """A line that a change prints on the instance: seen while it is the last one, on a terminal only.

        How far a download is is also told elsewhere, at each tenth; with `Show.ALL` every line is.
        """
        if not line.strip():
            return
        progress = progress_of(line)
        said = str(progress) if progress else in_one_line(line)
        if doing := self._at.get(instance):
            doing.printed = said
        if self._show == Show.ALL or (progress and self._is_news(instance, progress)):
            self._print(f"{instance}: {said}", "dim")

    def failed(self, instance: str, failure: InstanceFailed) -> None:
        self._at.pop(instance, None)
        told = self._planning and self._show != Show.QUIET  # for a plan that did not come it may tell why
        for role in list(self._reasons.get(instance, ())) if told else ():
            self._reasons_of(instance, role)
        first, *more = str(failure).splitlines() or [""]
        self._event("failed", f"{instance}: {first}", more)

    def confirm(self, plans: Mapping[str, Sequence[Change]]) -> bool:
        """Show what would change on each instance and ask once. An empty line is a no, unless `enter_agrees`."""
        self._end_live()
        for name, changes in plans.items():
            self._outline(name, changes, of_changing_roles(changes, self._reasons.pop(name, {})))
            self._print(f"{name}: {counted(changes)}")
        return self._agrees(tr("Make these changes?"), default=self._enter_agrees)

    def accepts_key(self, instance: str, changed: str) -> bool:
        """Ask whether another host key than before may be taken. No is the answer of an empty line."""
        self._end_live()
        self._print(tr("{instance}: {changed}; after a reset that is expected", instance=instance, changed=changed))
        return self._agrees(tr("Trust the new key?"))

    def takes_over(self, instance: str, what: str) -> bool:
        """Ask whether another project's box may be taken over. No is the answer of an empty line."""
        self._end_live()
        self._print(tr("{instance}: {what}; its files and services would be replaced", instance=instance, what=what))
        return self._agrees(tr("Take it over?"))

    def summary(self, results: Mapping[str, Result]) -> None:
        """A line an instance, and one a service with its address; one in all where the person said no."""
        self._end_live()
        for name, result in results.items():
            if not result.declined:
                self._print(self._line(name, result), "" if result.failed is None else "red")
            for service, state in result.services.items():
                local = (
                    tr("{local_url} on the instance", local_url=state.local_url) if state.local_url else tr("no port")
                )
                sick = "" if state.healthy else "  " + tr("NOT HEALTHY")
                self._print(f"  {service}: {state.url or local}{sick}")
                if result.changed and state.healthy and not self._planning and self._show != Show.QUIET:
                    draw(self._console, state.url)
            for text in result.notes:
                self._print(f"  {text}")
        if any(result.declined for result in results.values()):
            self._print(tr("Nothing changed."))

    def _line(self, name: str, result: Result) -> str:
        execs = tr("1 exec") if result.execs == 1 else tr("{count} execs", count=result.execs)
        uploads = tr("1 upload") if result.uploads == 1 else tr("{count} uploads", count=result.uploads)
        count, unchanged = len(result.changed), result.unchanged
        said = tr("{count} {sign}, {unchanged} unchanged", count=count, sign=tr(self._sign), unchanged=unchanged)
        if (result.passed or result.broken) and not count and not unchanged:  # `verify` changes nothing
            said = _checks(result)
        state, seconds = tr("failed") if result.failed else tr("ok"), tr("{seconds:.1f} s", seconds=result.seconds)
        return tr(
            "{name}: {state}, {said} ({execs}, {uploads}, {seconds})",
            name=name,
            state=state,
            said=said,
            execs=execs,
            uploads=uploads,
            seconds=seconds,
        )

    def _change(self, instance: str, change: Change, sign: str) -> None:
        """Why its role was decided so, then what is changed, with the first of its details."""
        self._reasons_of(instance, change.role)
        self._event(sign, f"{instance}: {change.role} | {change.operation}", self._details(change))

    def _details(self, change: Change) -> list[str]:
        return details_of(change, None if self._diff or self._show == Show.ALL else DETAILS_SHOWN)

    def _outline(self, instance: str, changes: Sequence[Change], reasons: Mapping[str, Sequence[str]]) -> None:
        for line in outline(instance, changes, reasons, self._details):
            if line.sign:
                self._event(line.sign, line.text)
            else:
                self._hanging(line.text, line.style, line.indent)

    def _is_news(self, instance: str, progress: Progress) -> bool:
        """Whether a tenth more is there since it was last said, where no line shows it all the time."""
        if self._moves or self._show == Show.QUIET:
            return False
        key, tenth = (instance, progress.name), progress.percent // 10
        before = self._tenths.get(key, 0)
        self._tenths[key] = max(tenth, before)
        return tenth > before

    @property
    def _moves(self) -> bool:
        """Whether what stands there can be written over."""
        return self._console.is_interactive and self._console.is_terminal and not self._console.is_dumb_terminal

    def _agrees(self, question: str, *, default: bool = False) -> bool:
        """The end of the input, as by Ctrl-D, is a no."""
        asked = f"{question} {'[Y/n]' if default else '[y/N]'} "
        try:
            while (agreed := meant(typed := self._console.input(asked, markup=False), default=default)) is None:
                self._print(neither(typed))
        except EOFError:
            self._print("")
            return False
        return agreed

    def _reasons_of(self, instance: str, role: str) -> None:
        """A dim line each, once."""
        for reason in self._reasons.get(instance, {}).pop(role, ()):
            self._hanging(f"{instance}: {role}: {reason}", "dim")

    def _hanging(self, text: str, style: str, indent: int = 0) -> None:
        """What does not fit goes on in the next line, two columns further in."""
        first, *rest = self._wrapped(text, style, indent + 2)
        for line in (Text(" " * indent) + first, *(Text(" " * (indent + 2)) + more for more in rest)):
            self._console.print(line, soft_wrap=True)

    def _event(self, sign: str, text: str, more: Sequence[str] = ()) -> None:
        """The sign with the text beside it, and below that what more there is to it."""
        head = Text(f"{tr(sign)}  " if sign else "", style=SIGNS.get(sign, ""))
        under = 2 if self._wraps and self._console.width < NARROW else head.cell_len
        first, *rest = [*self._wrapped(text, "", head.cell_len), *self._all_wrapped(more, under)]
        self._console.print(head + first, soft_wrap=True)
        for line in rest:
            self._console.print(Text(" " * under) + line, soft_wrap=True)

    def _all_wrapped(self, lines: Sequence[str], indent: int) -> list[Text]:
        return [piece for line in lines for piece in self._wrapped(line, "dim", indent)]

    def _wrapped(self, text: str, style: str, indent: int) -> list[Text]:
        """On a terminal the pieces that fit beside an indent, else the text as it is."""
        whole = in_one_line(text)
        lines = broken(whole, max(self._console.width - indent, 1)) if self._wraps else [whole]
        return [Text(line, style=style) for line in lines]

    def _print(self, text: str, style: str = "") -> None:
        fits = wrapped(shown(text), self._console.width) if self._wraps else shown(text)
        self._console.print(Text(fits, style=style), soft_wrap=True)

    @property
    def _wraps(self) -> bool:
        return self._console.is_terminal and self._console.is_interactive

    def _now(self, instance: str, text: str) -> None:
        self._at[instance] = Doing(in_one_line(text))
        if self._moves and self._live is None:
            self._live = Live(console=self._console, transient=True, get_renderable=self._progress)
            self._live.start()

    def _progress(self) -> Group:
        """What each instance is at: the last ones in order where the terminal is too low for all."""
        rows = [f"{name}: {doing}" for name, doing in self._at.items()]
        last = rows[-max(self._console.height - ROWS_KEPT, 1) :]
        return Group(*(Text(row, style="dim", no_wrap=True, overflow="ellipsis") for row in last))

    def _end_live(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None


def _checks(result: Result) -> str:
    total = result.passed + result.broken
    if result.broken:
        return tr("{broken} of {total} checks failed", broken=result.broken, total=total)
    return tr("1 check passed") if total == 1 else tr("{count} checks passed", count=total)
