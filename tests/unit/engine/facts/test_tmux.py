from __future__ import annotations

import subprocess

import pytest

from gpustrap.engine.facts.tmux import Probe, Running, ServiceFolders, TmuxServices


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("session 0 0 id abc web", {"web": Running("id", True)}),
        ("session 0 0 - - web", {"web": Running("", True)}),
        ("session 0 0 older - web", {"web": Running("older", True)}),
        ("session 1 0 id abc web", {"web": Running("id", True, ended=True)}),
        ("session 0 1 id abc web", {"web": Running("id", False, stopped=True)}),
        ("session 0 0 id other web", {"web": Running("id", True, other_environment=True)}),
        ("session 0 0 id abc a b", {"a b": Running("id", False)}),
        ("session 0 0", {}),
        ("nonsense of the box", {}),
    ],
)
def test_a_session_is_what_its_line_says(said: str, seen: dict[str, Running]) -> None:
    assert TmuxServices().process(["environment abc", said, "probe web "]) == seen


@pytest.mark.parametrize(
    ("word", "trouble"),
    [
        ("crashes", "it ends again and again"),
        ("young", "it has been running for less than two seconds"),
        ("closed", "nothing listens on its port"),
        ("unanswered", "its health path does not answer"),
        ("local", "it listens on 127.0.0.1 only, which the provider cannot reach: bind 0.0.0.0"),
        ("other", ""),
    ],
)
def test_one_that_is_not_ready_has_its_reason(word: str, trouble: str) -> None:
    said = ["environment abc", "session 0 0 id abc web", f"probe web {word}"]
    assert TmuxServices().process(said) == {"web": Running("id", False, trouble=trouble)}


def test_a_session_of_ours_goes_before_one_of_an_older_gpustrap() -> None:
    said = ["session 0 0 id abc web", "session 0 0 older - web"]
    assert TmuxServices().process(said)["web"].identity == "id"


def test_a_stranger_who_answers_is_no_service() -> None:
    assert TmuxServices().process(["environment abc", "probe web "]) == {}


def test_the_words_of_a_probe_are_quoted() -> None:
    assert Probe("web", 8080, "/a b?c='").words() == """web 8080 '/a b?c='"'"''"""
    assert Probe("job", None, "/ping").words() == "job '' ''"


def test_folders_are_told_from_noise() -> None:
    assert ServiceFolders().process(["welcome", "folder web", "folder a b"]) == ("web", "a b")


def test_a_service_of_two_words_is_ready_when_its_probe_says_so() -> None:
    assert Probe("web", 8080).words() == "web 8080 ''"
    assert Probe("web").words() == "web '' ''"


def test_what_is_no_session_is_none_however_long_its_line_is() -> None:
    assert TmuxServices().process(["environment abc", "welcome 0 0 id abc web"]) == {}


def test_without_a_told_environment_a_session_with_one_has_another() -> None:
    said = TmuxServices().process(["session 0 0 id abc web", "session 0 0 id - job", "probe web "])
    assert said == {"web": Running("id", True, other_environment=True), "job": Running("id", False)}


def test_folders_are_asked_for_below_the_quoted_place(tmp_path) -> None:
    folder = tmp_path / "a b"
    (folder / "web").mkdir(parents=True)
    (folder / "c d").mkdir()
    command = ServiceFolders().command(str(folder))
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert ServiceFolders().process(done.stdout.splitlines()) == ("c d", "web")
    gone = subprocess.run(["sh", "-c", ServiceFolders().command("/nowhere")], capture_output=True, text=True)
    assert (gone.stdout, gone.stderr) == ("", "")


def test_a_box_that_does_not_answer_has_no_service() -> None:
    assert (TmuxServices.default(), ServiceFolders.default()) == ({}, ())


def test_servers_are_where_no_sweeper_takes_their_sockets_and_older_ones_are_known() -> None:
    from gpustrap.engine.facts.tmux import services_script, tmux_script

    lines = services_script("services-look", folder="/f").splitlines()
    assert {"runs=/run/gpustrap", "profile=/etc/profile.d", "socket=services", "older=gpustrap", "folder=/f"} <= {
        *lines
    }
    lines = tmux_script("job-look", "jobs", job="torch", d="/d").splitlines()
    assert {"socket=jobs", "older=gpustrap-jobs", "job=torch", "d=/d"} <= {*lines}
    assert "folder=/etc/gpustrap/services" in TmuxServices().command([])
