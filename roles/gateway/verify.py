"""What the role `gateway` promises, by asking it as anybody could: on the instance, at its port."""

import shlex
from typing import Any

import pytest

from gpustrap.engine.facts.nginx import LoadedConfiguration
from gpustrap.engine.gateway import configuration_identity
from gpustrap.language import tr
from gpustrap.resolve.gateway import ASK, CONFIGURATION, RUN

UPGRADE = "-H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: eA=='"


def statuses(host: Any, chosen: Any, options: str) -> dict[str, str]:
    """Place → the status that a GET gives; the token is curl's own business, so that no list of processes shows it."""
    asks = [
        f"printf '%s ' {shlex.quote(one.place)}; curl -q -s -o /dev/null -m 5 --noproxy '*' -w '%{{http_code}}\\n' "
        f"-k {options} {_named(one)} {shlex.quote(f'{chosen.scheme}://127.0.0.1:{chosen.port}{one.path}')}"
        for one in chosen.routes
    ]
    rows = [line.split(" ") for line in host.run("; ".join(asks)).stdout.splitlines()]
    return {row[0]: row[1] for row in rows if len(row) == 2 and row[1]}


def _named(route: Any) -> str:
    return f"-H {shlex.quote(f'Host: {route.host}')}" if route.host else ""


def wanted(found: dict[str, str], chosen: Any, right: Any) -> None:
    wrong = [
        f"{one.place}: {found.get(one.place, '-')}" for one in chosen.routes if not right(found.get(one.place, "-"))
    ]
    assert not wrong, ", ".join(wrong)


def test_nobody_gets_in_without_the_token(host, chosen):
    if chosen.token is None:
        pytest.skip("open to everybody")
    wanted(statuses(host, chosen, ""), chosen, lambda status: status in ("401", "429"))


def test_no_websocket_is_opened_without_the_token(host, chosen):
    if chosen.token is None:
        pytest.skip("open to everybody")
    wanted(statuses(host, chosen, UPGRADE), chosen, lambda status: status in ("401", "429"))


def test_each_route_leads_to_its_service(host, chosen):
    """Whatever the service answers is its own; that it does not answer is said with 502."""
    options = "" if chosen.token is None else f"-K {ASK}"
    wanted(statuses(host, chosen, options), chosen, lambda status: status not in ("-", "000", "401", "429", "502"))


def test_nginx_takes_its_configuration(host):
    ran = host.run(f"nginx -t -q -c {CONFIGURATION}")
    assert ran.rc == 0, ran.stderr


def test_nginx_has_loaded_what_up_wrote(host, chosen):
    fact = LoadedConfiguration()
    loaded = fact.process(host.run(fact.command(folder=RUN)).stdout.splitlines())
    assert loaded == configuration_identity(chosen), tr("it has loaded another configuration, or does not run")
