"""`tunnel`: what is meant, and what is told, with a tunnel that ends at once."""

from __future__ import annotations

import pytest

from gpustrap.cli import exit
from gpustrap.cli.main import app
from gpustrap.errors import InstanceFailed


@pytest.fixture
def tunnels(monkeypatch):
    """The instance and port of each tunnel; each gets the local port 24800 and ends."""
    asked = []

    def does(instance, _project, service, port, opened, _says, _asks):
        asked.append((instance.name, service, port))
        opened(24800, port or 9000)
        return InstanceFailed("the connection was lost", hint="again")

    monkeypatch.setattr("gpustrap.run.tunnel.tunnel", does)
    monkeypatch.setattr("gpustrap.run.early.connect_early", lambda _instances, _project: None)
    return asked


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["web"], ("demo", "web", 8080)),
        (["demo/web"], ("demo", "web", 8080)),
        (["demo", "web"], ("demo", "web", 8080)),
        (["demo/web", "--port", "6006"], ("demo", "web", 6006)),
    ],
)
def test_it_says_the_address_on_stdout_and_why_it_ended_on_stderr(project, tunnels, capsys, words, asked):
    assert exit.run(app, ["tunnel", *words]) == 1
    said = capsys.readouterr()
    assert tunnels == [asked]
    assert said.out == "http://127.0.0.1:24800\n"
    assert said.err == (
        f"demo: port {asked[2]} of this computer is taken: it is 24800\n"
        "demo: web is there until Ctrl-C, for this computer alone\n"
        "the connection was lost\nhint: again\n"
    )


def test_of_a_service_without_a_port_it_is_one_that_it_listens_on(project, tunnels, capsys):
    hosts = project / "inventory" / "hosts.yml"
    hosts.write_text(hosts.read_text().replace("{preset: hello}", "{command: sleep 9}"))
    assert exit.run(app, ["tunnel", "web"]) == 1
    assert tunnels == [("demo", "web", None)]
    assert "port 9000 of this computer is taken: it is 24800" in capsys.readouterr().err


@pytest.mark.parametrize("has", [True, False])
def test_the_browser_is_opened_where_there_is_one(project, tunnels, capsys, monkeypatch, has):
    shown = []
    monkeypatch.setattr("gpustrap.ui.browser.has_browser", lambda: has)
    monkeypatch.setattr("gevent.spawn", lambda _show, url: shown.append(url))
    exit.run(app, ["tunnel", "web", "--open"])
    assert shown == (["http://127.0.0.1:24800"] if has else [])
    assert ("no browser is found here; open http://127.0.0.1:24800 in yours" in capsys.readouterr().err) is not has
