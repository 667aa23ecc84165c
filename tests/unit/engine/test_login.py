"""Which connection a login goes over, as paramiko gets it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, int], Any]:
    """Key exchanges as if they were begun: (host, port) → what stands for the greenlet."""
    from gpustrap.engine import handshake

    known: dict[tuple[str, int], Any] = {}
    monkeypatch.setattr(handshake, "_begun", known)
    return known


def exchange(name: str, *, ended: bool = False) -> Any:
    return SimpleNamespace(get=lambda: SimpleNamespace(sock=name, has_ended=ended))


@pytest.fixture
def arguments(tmp_path: Path):
    """`arguments(ssh_config, **data)`: what paramiko is called with."""

    def made(config: str = "", **data: Any) -> dict[str, Any]:
        from gpustrap.engine.session import Session

        file = tmp_path / f"config-{len(list(tmp_path.iterdir()))}"
        file.write_text(config)
        session = Session("box", {"ssh_hostname": "box", "ssh_config_file": str(file), **data})
        with session._context():
            kwargs: dict[str, Any] = session.connector.make_paramiko_kwargs()
        return kwargs

    return made


@pytest.mark.parametrize(
    ("config", "data", "goes_over"),
    [
        ("", {}, "box 22"),
        ("", {"ssh_port": 2222}, "box 2222"),
        ("Host box\n  Port 2222\n", {}, "box 2222"),
        ("Host box\n  HostName other\n", {}, "other 22"),
        ("Host box\n  HostName nobody\n", {}, None),
        ("Host box\n  ProxyJump other\n", {}, None),
        ("Host box\n  ProxyCommand nc other 22\n", {}, None),
        ("Match exec true\n  HostName nobody\n", {}, None),
    ],
)
def test_the_connection_that_was_begun_is_used_where_it_leads_to_the_same(arguments, begun, config, data, goes_over):
    for host, port in (("box", 22), ("box", 2222), ("other", 22)):
        begun[host, port] = exchange(f"{host} {port}")
    assert arguments(config, **data).get("sock") == goes_over


def test_paramiko_makes_no_transport_of_its_own_for_it(arguments, begun) -> None:
    begun["box", 22] = exchange("one")
    assert arguments()["transport_factory"]("one", gss_kex=False).sock == "one"


def test_the_transport_is_that_of_the_connection() -> None:
    from gpustrap.engine.session import Session

    connector = Session("box", {"ssh_hostname": "box"}).connector
    connector.client = SimpleNamespace(get_transport=lambda: "the one")  # type: ignore[assignment]
    assert connector.transport == "the one"  # type: ignore[comparison-overlap]


def test_a_second_login_has_a_connection_of_its_own(arguments, begun) -> None:
    begun["box", 22] = exchange("one")
    assert [arguments().get("sock") for _ in range(2)] == ["one", None]


def test_one_that_has_ended_is_connected_anew(arguments, begun) -> None:
    begun["box", 22] = exchange("one", ended=True)
    assert "sock" not in arguments()


def test_a_second_try_with_the_agents_keys_has_a_connection_of_its_own(begun, monkeypatch) -> None:
    from pyinfra.connectors.ssh import SSHConnector

    from gpustrap.engine.session import Session

    tried: list[Any] = []
    monkeypatch.setattr(SSHConnector, "_retry_paramiko_agent_keys", lambda _self, *given: tried.append(given) or True)
    session = Session("box", {"ssh_hostname": "box"})
    given = {"sock": 1, "transport_factory": 2, "port": 3}
    assert session.connector._retry_paramiko_agent_keys("box", given, OSError("no existing session"))
    assert tried[0][1] == {"port": 3}


def test_a_busy_gateway_is_given_a_minute_for_its_banner(arguments) -> None:
    assert arguments()["banner_timeout"] == 60
