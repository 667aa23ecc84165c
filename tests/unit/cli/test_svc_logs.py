"""`svc logs`, by an ssh client that stands in for the real one: what comes from the box is masked and stands still."""

from __future__ import annotations

import pytest

from gpustrap.cli import exit, svc_logs
from gpustrap.cli.main import app
from gpustrap.cli.svc_words import Meant
from gpustrap.inventory import masking
from gpustrap.inventory.secrets import Secret


@pytest.fixture
def box(monkeypatch, tmp_path):
    """`box(script)`: what the box does, as a shell script with the remote command as its last argument."""

    def does(script: str, password: Secret | None = None) -> None:
        instance = type("It", (), {"name": "demo", "sudo_password": password})()
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


# What root alone may read is not there for others: here sudo brings it.
SUDO = """#!/bin/sh
echo "$1 $2" >>asked
case $1 in -k) read -r told; echo "$told" >>asked ;; esac
echo one >web.log
while [ "$1" != sh ]; do shift; done
exec "$@"
"""


@pytest.mark.parametrize(("password", "asked"), [(None, ["-n sh"]), (Secret(env="LOGIN"), ["-k -S", "s3cret-login"])])
def test_a_log_that_is_roots_is_read_by_sudo_which_is_told_by_stdin(
    box, monkeypatch, capsys, tmp_path, password, asked
) -> None:
    monkeypatch.setenv("LOGIN", "s3cret-login")
    monkeypatch.setattr("gpustrap.resolve.service.LOGS", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sudo").write_text(SUDO)
    (tmp_path / "sudo").chmod(0o755)
    as_another = """eval "$(printf %s "${1#exec }" | sed -e 's/$(id -u)/1000/' -e "s,sudo -,$PWD/sudo -,")" """
    box(as_another, password)

    assert exit.run(app, ["svc", "logs", "web"]) == 0

    assert capsys.readouterr().out == "one\n"
    assert (tmp_path / "asked").read_text().splitlines() == asked


def test_what_comes_is_shown_until_the_box_ends(box, capsys):
    box(
        "echo noise; begin=$(echo \"$1\" | grep -o 'gpustrap-log-[0-9a-f]*' | head -n 1); echo $begin; echo later; exit 255"
    )
    assert exit.run(app, ["svc", "logs", "demo", "web", "--follow"]) == 1
    assert capsys.readouterr().out == "later\n"


def test_ctrl_c_is_how_following_ends_and_says_nothing(box, monkeypatch, capsys):
    def stopped(*_):
        raise KeyboardInterrupt

    box("exit 0")
    monkeypatch.setattr("gpustrap.cli.svc_logs._started", stopped)
    assert [exit.run(app, ["svc", "logs", "web", *follow]) for follow in ([], ["-f"])] == [130, 130]
    assert capsys.readouterr().err == "stopped; the same command goes on from here\n"


def test_no_log_is_said(box, monkeypatch, capfd, tmp_path):
    monkeypatch.setattr("gpustrap.resolve.service.LOGS", str(tmp_path))
    box(RUN)
    assert exit.run(app, ["svc", "logs", "web"]) == 1
    assert capfd.readouterr() == ("", f"no log yet: {tmp_path}/web.log\n")
