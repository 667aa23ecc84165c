"""`svc logs`, by an ssh client that stands in for the real one: what comes from the box is masked and stands still."""

from __future__ import annotations

import pytest

from gpustrap.cli import exit, svc_logs
from gpustrap.cli.main import app
from gpustrap.cli.svc_words import Meant
from gpustrap.inventory import masking


@pytest.fixture
def box(monkeypatch, tmp_path):
    """`box(script)`: what the box does, as a shell script with the remote command as its last argument."""

    def does(script: str) -> None:
        instance = type("It", (), {"name": "demo"})()
        monkeypatch.setattr(svc_logs, "meant", lambda words, **_secrets: Meant(tmp_path, instance, words[-1]))
        monkeypatch.setattr(svc_logs, "login", lambda _name: ["sh", "-c", script, "box"])

    return does


RUN = 'echo "from .bashrc"; eval "${1#exec }"'


@pytest.mark.parametrize(
    ("started_in", "shown"),
    [("web.log.1", ["two", "three ***", "four"]), ("web.log", ["ee ***", "four"]), ("gone", ["three ***", "four"])],
)
def test_only_what_it_wrote_since_its_start_is_shown_without_secrets_and_escapes(
    box, monkeypatch, capsys, tmp_path, started_in, shown
):
    monkeypatch.setattr("gpustrap.resolve.service.LOGS", str(tmp_path))
    monkeypatch.setattr("gpustrap.resolve.service.SERVICES", str(tmp_path))
    (tmp_path / "web.log.1").write_text("one\ntwo\n")
    (tmp_path / "web.log").write_text("three s3cret-t0ken\n\x1b[31mfour\x1b[0m\n")
    (tmp_path / "web").mkdir()
    inode = (tmp_path / started_in).stat().st_ino if started_in != "gone" else 1
    (tmp_path / "web" / "log-start").write_text(f"{inode} {4 if started_in.endswith('1') else 3}\n")
    masking.remember("s3cret-t0ken")
    box(RUN)
    assert exit.run(app, ["svc", "logs", "web", "-n", "3"]) == 0
    assert capsys.readouterr().out.splitlines() == shown


def test_what_comes_is_shown_until_the_box_ends(box, capsys):
    box(
        "echo noise; begin=$(echo \"$1\" | grep -o 'gpustrap-log-[0-9a-f]*' | head -n 1); echo $begin; echo later; exit 255"
    )
    assert exit.run(app, ["svc", "logs", "demo", "web", "--follow"]) == 1
    assert capsys.readouterr().out == "later\n"


def test_no_log_is_said(box, monkeypatch, capfd, tmp_path):
    monkeypatch.setattr("gpustrap.resolve.service.LOGS", str(tmp_path))
    box(RUN)
    assert exit.run(app, ["svc", "logs", "web"]) == 1
    assert capfd.readouterr() == ("", f"no log yet: {tmp_path}/web.log\n")
