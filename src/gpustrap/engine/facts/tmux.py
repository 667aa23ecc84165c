"""The services on the instance: tmux sessions on gpustrap's own socket, and whether they answer."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pyinfra.api import FactBase

from gpustrap.engine.exhausted import lack_of
from gpustrap.engine.facts.service_troubles import read_trouble
from gpustrap.engine.plain import still
from gpustrap.engine.scripts import clean, script, text_of
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr

# Outside /tmp, whose sweepers take sockets; where /run cannot be written it is /var/lib/gpustrap/run.
RUNS = "/run/gpustrap"
# Their names for `tmux -L`, where an older gpustrap had the sockets themselves.
OLDER = {"services": "gpustrap", "jobs": "gpustrap-jobs"}
PROFILE = "/etc/profile.d"
SERVICES = "/etc/gpustrap/services"
LOGS = "/var/log/gpustrap"
UNITS = "/var/lib/gpustrap/units"  # what is kept of each service: root's alone, for its secrets are in it
OURS = "of the service "  # in what services-common.sh says of a process


@dataclass(frozen=True)
class Probe:
    """How to tell that one service is ready: its port listens for others too and, with `path`, answers HTTP below 400.

    Without a port it is ready once it has been running for ten seconds in a row; where it ended before, for twice as
    long as it then ran.
    """

    service: str
    port: int | None = None
    path: str | None = None
    secrets: tuple[str, ...] = ()  # variables of its environment whose values are no part of what is told of its log
    behind: bool = False  # the gateway asks it: it may listen on 127.0.0.1 alone

    def words(self) -> str:
        """The probe's service, port and path as words for the shell."""
        path = self.path if self.port is not None and self.path else ""
        return shlex.join([self.service, port_word(self.port), path])

    def asks(self, steady: int, ready: int, verb: str = "ask") -> str:
        """The line of the script that asks for it, or with another verb does so after more."""
        behind = f"behind {shlex.quote(self.service)}\n" if self.behind else ""
        return f"{behind}{verb} {' '.join([self.words(), str(steady), str(ready), *self.secrets])}\n"


@dataclass(frozen=True)
class Running:
    """One session. `identity` identifies the files it was started with; `ready` is what its probe said.

    `ended` says that nothing runs in it any more: the service ended and was not to be started again. `stopped`:
    a signal holds it. `trouble` is why it is not ready, in words, and `log` the last lines it then wrote. `stuck`:
    only a new start can mend it. `unlogged`: why its log does not get what it says; `log_away`: since the file is gone.
    `other_environment`: the variables that the roles give to services have changed since it was started.
    `refused`: there is no session, since it could not be started. `unanswered`: its health path alone is wrong.
    """

    identity: str
    ready: bool
    ended: bool = False
    stopped: bool = False
    trouble: str = ""
    other_environment: bool = False
    stuck: bool = False
    refused: bool = False
    unanswered: bool = False
    log: tuple[str, ...] = ()
    unlogged: str = ""
    log_away: bool = False


def must_be_told(output: Sequence[str]) -> None:
    """Raises InstanceFailed where what one of these scripts printed says that tmux cannot be asked: what is not told is
    not known not to run, and is not to be touched."""
    said = next((line.split(" ")[1:] for line in output if line.startswith("untold ")), None)
    if said is None:
        return
    whys = {
        "absent": tr("it is not there, and what it started still runs"),
        "barred": tr("it cannot be executed"),
        "slow": tr("it gives no answer within 10 s"),
    }
    if lack := lack_of(words := still(" ".join(said[1:]))):  # it is not tmux that is broken
        raise InstanceFailed(f"{lack.sentence} ({words})", hint=lack.hint)
    why = whys.get(said[0]) or words or tr("it fails and says nothing")
    hint = tr("`apt-get install --reinstall tmux` on the instance brings back one that is broken")
    also = {
        "absent": tr("; `gpustrap up --roles base` installs one that never was"),
        "slow": tr("; one that a signal holds goes on by `pkill -CONT tmux`"),
    }
    raise InstanceFailed(tr("tmux cannot be asked: {why}", why=why), hint=hint + also.get(said[0], ""))


def port_word(port: int | None) -> str:
    """A service's port as our scripts take it: empty for one that has none."""
    return "" if port is None else str(port)


def tmux_script(name: str, socket: str, **parameters: str | int) -> str:
    """One of our scripts that needs our tmux server: `services` or `jobs`."""
    return clean("tmux-common", runs=RUNS, profile=PROFILE, socket=socket, older=OLDER[socket]) + script(
        name, **parameters
    )


def services_script(name: str, **parameters: str | int) -> str:
    """One of our scripts about services."""
    return tmux_script("services-common", "services") + script(name, **parameters)


def look_script(folder: str = SERVICES, logs: str = LOGS) -> str:
    """The one that looks at all services, before what it is asked."""
    return services_script("services-judge", folder=folder, logs=logs) + text_of("server") + script("services-look")


def start_script(units: str = UNITS, **parameters: str | int) -> str:
    """The one that starts a service."""
    return services_script("service-begin", units=units) + script("service-start", **parameters)


def beside_script(units: str = UNITS, **parameters: str | int) -> str:
    """The one that starts a changed service beside the one that answers."""
    return services_script("service-begin", units=units) + script("service-beside", **parameters) + "beside\n"


class TmuxServices(FactBase[dict[str, Running]]):
    """Service → `Running`, for every session there; a service without a session is not in it, one that nobody asks
    about is not ready.

    `steady`: for how many seconds one that only has to run for longer is watched. `ready`: for how many seconds one
    that is not ready yet is waited for, a service each; without it none is. `process` raises InstanceFailed where tmux
    cannot be asked.
    """

    def command(
        self,
        probes: Sequence[Probe],
        folder: str = SERVICES,
        logs: str = LOGS,
        steady: int = 0,
        ready: Mapping[str, int] | None = None,
    ) -> str:
        waits = ready or {}
        asks = "".join(probe.asks(steady, waits.get(probe.service, 0)) for probe in probes)
        return look_script(folder, logs) + asks + "rest\n"

    @staticmethod
    def default() -> dict[str, Running]:
        return {}

    def process(self, output: list[str]) -> dict[str, Running]:
        must_be_told(output)
        rows = [line.split(" ") for line in output]
        now = next((row[1] for row in rows if row[0] == "environment" and len(row) > 1), "")
        logs = _logs(output)
        asked = {
            row[1]: _running(row[2:], now, logs.get(row[1], ())) for row in rows if row[0] == "service" and len(row) > 5
        }
        lost = {row[1]: " ".join(row[2:]) for row in rows if row[0] == "unlogged" and len(row) > 1}
        for name in lost.keys() & asked.keys():
            away = lost[name].startswith("- ")
            asked[name] = replace(asked[name], unlogged=_unlogged(lost[name]), log_away=away)
        rest = [row for row in reversed(rows) if row[0] == "session" and len(row) > 5]
        others = {" ".join(row[5:]): replace(_running(row[1:5], now), ready=False) for row in rest}
        return others | asked


def _running(row: Sequence[str], environment: str, log: tuple[str, ...] = ()) -> Running:
    """`row`: whether it ended, whether it is held, its files and its environment, then what is wrong with it."""
    dead, stopped, identity, own, *said = row
    wrong, word = read_trouble(said), said[0] if said else ""
    stuck = word in ("crashes", "gave-up", "gone") or (word == "taken" and OURS in " ".join(said))
    return Running(
        "" if identity == "-" else identity,
        not wrong and stopped == "0",
        dead == "1",
        stopped == "1",
        wrong,
        own not in ("-", environment),
        stuck=stuck,
        refused=word == "refused",
        unanswered=word == "unanswered",
        log=log,
    )


def _unlogged(said: str) -> str:
    word, _, log = said.partition(" ")
    if word == "-":
        return tr("its log does not get what it says: what it writes to is not {log} any more", log=still(log))
    return tr("its log does not get what it says: {why}", why=still(said) or tr("the disk is full"))


def _logs(output: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Service → the last lines of its log, without what a terminal obeys."""
    logs: dict[str, tuple[str, ...]] = {}
    for line in output:
        key, _, rest = line.partition(" ")
        name, _, text = rest.partition(" ")
        if key == "said":
            logs[name] = (*logs.get(name, ()), still(text))
    return logs


class ServiceFolders(FactBase[tuple[str, ...]]):
    """The services whose files are on the instance, whether they run or not."""

    def command(self, folder: str) -> str:
        each = f'for f in {shlex.quote(folder)}/*; do [ ! -e "$f" ] || printf "folder %s\\n" "${{f##*/}}"; done'
        return text_of("unset") + each

    @staticmethod
    def default() -> tuple[str, ...]:
        return ()

    def process(self, output: list[str]) -> tuple[str, ...]:
        return tuple(line.removeprefix("folder ") for line in output if line.startswith("folder "))
