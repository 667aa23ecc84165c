"""`gpustrap svc`: one service at a time, seen, stopped, started, restarted, rolled back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from gpustrap.cli.figures import duration, size
from gpustrap.cli.instances import failure_json, look_at
from gpustrap.cli.options import Json, Names
from gpustrap.cli.output import note, print_json, say
from gpustrap.cli.status import OTHER, hints, is_fine
from gpustrap.cli.status import as_json as status_json
from gpustrap.cli.status import logs as ends_of_logs
from gpustrap.cli.svc_logs import Words, logs
from gpustrap.cli.svc_words import ROLE, meant
from gpustrap.language import tr
from gpustrap.ui.table import aligned

if TYPE_CHECKING:
    from gpustrap.run.look import InstanceLook
    from gpustrap.run.service_looks import ServiceLook


app = typer.Typer(no_args_is_help=True, help="Services: seen, stopped, started, restarted, rolled back.")


app.command(epilog="Example: gpustrap svc logs web · gpustrap svc logs demo web -f -n 20")(logs)


@app.callback()
def options() -> None:
    """Services: seen, stopped, started, restarted, rolled back."""


@app.command(epilog="Example: gpustrap svc ls · gpustrap svc ls demo --json")
def ls(names: Names = None, json: Json = False) -> None:
    """List the services: state, address, since when they run, how often they were started again by themselves.

    Exit code: 0 all are ready · 1 an instance cannot be reached or a service is not ready · 2 bad input.
    """
    found = look_at(names or [], services=True)
    if json:
        print_json({"instances": {name: as_json(seen) for name, seen in found.items()}})
    else:
        show(found)
    raise typer.Exit(0 if all(is_fine(seen) for seen in found.values()) else 1)


@app.command(epilog="Example: gpustrap svc stop web · gpustrap svc stop demo web")
def stop(words: Words, json: Json = False) -> None:
    """End a service with all that it started. It stays stopped until `svc start`, `svc restart` or the next `up`."""
    by_hand("stop", words, json)


@app.command(epilog="Example: gpustrap svc start web · gpustrap svc start demo web")
def start(words: Words, json: Json = False) -> None:
    """Start a service that does not run, and wait until it is ready. One that runs is left as it is."""
    by_hand("start", words, json)


@app.command(epilog="Example: gpustrap svc restart web · gpustrap svc restart demo web --json")
def restart(words: Words, json: Json = False) -> None:
    """Start a service again and wait until it is ready; behind the gateway the running one answers until then."""
    by_hand("restart", words, json)


@app.command(epilog="Example: gpustrap svc rollback web · gpustrap svc rollback demo web --json")
def rollback(words: Words, json: Json = False) -> None:
    """Start the version before the one that was last ready, and wait for it. A second time brings that one back."""
    by_hand("rollback", words, json)


def by_hand(verb: str, words: Sequence[str], json: bool) -> None:
    """Do it, show it, and end with the exit code."""
    one = meant(words, secrets=verb not in ("stop", "rollback"))
    from gpustrap.cli.up import Screen, failed
    from gpustrap.run.early import connect_early

    connect_early([one.instance], one.project)
    from gpustrap.engine import greenlets
    from gpustrap.run.svc import by_hand as does
    from gpustrap.run.work import Options
    from gpustrap.ui.ask import at_terminal

    with Screen().lines(planning=False) as lines:
        greenlets.hush()
        asks = lines.asks if at_terminal() else None
        options = Options(roles=(ROLE,), replay=False, asks=asks)
        results = does(verb, one.instance, one.service, one.project, options, lines)
    lines.summary(results)
    if json:
        print_json({"instances": {name: result.as_json() for name, result in results.items()}})
    raise typer.Exit(failed(results))


def show(found: Mapping[str, InstanceLook]) -> None:
    """A table on stdout; what is wrong, with the ends of logs, on stderr."""
    heads = [
        tr("service"),
        tr("state"),
        tr("port"),
        tr("address"),
        tr("up for"),
        tr("restarts"),
        tr("memory"),
        tr("card"),
    ]
    many = len(found) > 1
    rows = [
        [*([name] if many else []), *row(service, one)]
        for name, seen in found.items()
        for service, one in seen.services.items()
    ]
    if rows:
        say(aligned(rows, [*([tr("instance")] if many else []), *heads]))
    for text in (line for name, seen in found.items() for line in troubles(name, seen)):
        note(text)
    for text in hints(found):
        note(text)


def row(name: str, service: ServiceLook) -> list[str]:
    local = tr("{local_url} on the instance", local_url=service.local_url) if service.local_url else "-"
    return [
        name,
        tr(service.state),
        str(service.port or "-"),
        service.url or local,
        "-" if service.uptime_seconds is None else duration(service.uptime_seconds),
        str(service.restarts),
        size(service.use.memory_bytes) if service.use else "-",
        on_card(service),
    ]


def on_card(service: ServiceLook) -> str:
    """What it has of the cards' memory; `?` where it has one open and nvidia-smi does not tell."""
    if service.use is None or not service.use.on_card:
        return "-"
    return "?" if service.use.card_mib is None else size(service.use.card_mib * 2**20)


def troubles(name: str, seen: InstanceLook) -> list[str]:
    """Why an instance or a service of it is not fine, a sentence each, then the ends of their logs."""
    if seen.failed is not None:
        return [f"{name}: {' '.join(seen.failed.error.split())}"]
    whys = [f"{name}: {service}: {one.trouble}" for service, one in seen.services.items() if one.trouble]
    whys += [f"{name}: {service}: {tr(OTHER)}" for service, one in seen.services.items() if one.other]
    return [*whys, *ends_of_logs(seen)]


def as_json(seen: InstanceLook) -> dict[str, Any]:
    """One instance's part of the report: that of `status`, without what the instance itself is."""
    whole = status_json(seen)
    return {key: whole[key] for key in ("ok", "reachable", "services")} | {"failed": failure_json(seen.failed)}
