"""Services as tmux sessions: one session, one command under restart policy, on gpustrap's own socket."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from pyinfra import host
from pyinfra.api import QuoteString, StringCommand, operation

from gpustrap.engine.facts.tmux import SOCKET, Probe, Running, ServiceFolders, TmuxServices
from gpustrap.engine.notes import note

TMUX = f"tmux -L {SOCKET}"
NOT_READY = "not ready"


@operation()
def service(
    service: str,
    identity: str,
    run: str,
    log: str,
    probe: Probe,
    probes: Sequence[Probe],
    ready_seconds: int,
    restart: str,
) -> Generator[StringCommand, None, None]:
    """
    Keep one service running and ready.

    + service: its name, and its session's
    + identity: identifies its files; a session started with other files is restarted
    + run: the script that the session runs
    + log: where its output goes, shown when it does not get ready
    + probe: how to tell that it is ready
    + probes: those of all services of the instance, asked together
    + ready_seconds: how long it may take to get ready
    + restart: always, on-failure or never; one that ended and is not always to run is left ended
    """
    running = host.get_fact(TmuxServices, probes=tuple(probes)).get(service)
    why = reason_to_start(running, identity, restart)
    if why is None:
        host.noop(f"{service} runs and is ready")
        return
    note(why)
    steps = [_wait(service, probe, log, ready_seconds)]
    if why != NOT_READY:
        steps.insert(0, _start(service, identity, run, probe))
    yield _in_turn(steps)


def reason_to_start(running: Running | None, identity: str, restart: str) -> str | None:
    """Why a service has to be started, restarted or waited for; None when it is as wanted."""
    if running is None:
        return "not running"
    if running.identity != identity:
        return "runs with other files"
    if running.ended:
        return "has ended" if restart == "always" else None
    return None if running.ready else NOT_READY


@operation()
def only(services: Sequence[str], folder: str, probes: Sequence[Probe]) -> Generator[StringCommand, None, None]:
    """
    End the sessions that no service of the instance owns any more, and remove their services.

    + services: the names of those that stay
    + folder: where the services' folders are
    + probes: those of all services, so that the same fact is asked
    """
    sessions = host.get_fact(TmuxServices, probes=tuple(probes))
    folders = host.get_fact(ServiceFolders, folder=folder)
    extra = sorted({*sessions, *folders} - set(services))
    if not extra:
        host.noop("no service is left over")
        return
    note("no longer wanted: " + " ".join(extra))
    for name in extra:
        yield StringCommand(_kill(name), "; rm -rf", QuoteString(f"{folder}/{name}"))


def _kill(service: str) -> StringCommand:
    # "=NAME" is an exact match; without it tmux takes any session whose name begins so.
    return StringCommand(TMUX, "kill-session", "-t", QuoteString(f"={service}"), "2>/dev/null")


def _start(service: str, identity: str, run: str, probe: Probe) -> StringCommand:
    # "=web" alone is refused by set-option, whose target is a pane: write "=web:" (tmux 3.3a).
    pane = QuoteString(f"={service}:")
    steps = [
        StringCommand(_kill(service), "|| true"),
        *([_port_is_free(probe.port)] if probe.port is not None else []),
        # In one go, so that a command that ends at once finds its session told to remain.
        StringCommand(
            TMUX,
            "new-session -d -s",
            QuoteString(service),
            QuoteString(run),
            "';' set-option -t",
            pane,
            "@identity",
            QuoteString(identity),
            "';' set-option -w -t",
            pane,
            "remain-on-exit on",
        ),
    ]
    return _in_turn(steps)


def _port_is_free(port: int) -> StringCommand:
    """Wait for a port that the ended session still holds; a stranger on it is an error that names him."""
    holder = f"ss -Hltnp 'sport = :{port}'"
    name = f"""$({holder} | sed 's/.*users:(("\\([^"]*\\)",pid=\\([0-9]*\\).*/\\1 (PID \\2)/' | head -n 1)"""
    return StringCommand(
        f"i=0; while {holder} | grep -q . && [ $i -lt 50 ]; do i=$((i+1)); sleep 0.1; done;",
        f'if {holder} | grep -q .; then echo "port {port} is taken by {name}" >&2; false; fi',
    )


def _wait(service: str, probe: Probe, log: str, seconds: int) -> StringCommand:
    """Wait on the instance until the probe holds; else fail with the end of the log."""
    quoted = QuoteString(log)
    gone = StringCommand("! ", TMUX, " has-session -t ", QuoteString(f"={service}"), " 2>/dev/null", _separator="")
    return StringCommand(
        # by the clock, since a probe whose page hangs takes its time too
        f"e=$(($(date +%s) + {seconds})); until {probe.test()}; do if [ $(date +%s) -ge $e ] || ", gone, "; then",
        " { tail -n 20 ", quoted, f"; echo '{service} is not ready; the end of its log is above'; }} >&2;"
        " exit 1; fi; sleep 0.2; done", _separator="",
    )  # fmt: skip


def _in_turn(steps: Sequence[StringCommand]) -> StringCommand:
    """One command that runs the steps one after another and ends at the first that fails."""
    bits: list[str | StringCommand] = []
    for step in steps:
        bits += ["&& {" if bits else "{", step, "; }"]
    return StringCommand(*bits)
