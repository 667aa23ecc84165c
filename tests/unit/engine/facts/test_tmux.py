from __future__ import annotations

import subprocess

import pytest

from gpustrap.engine.exhausted import lack_of
from gpustrap.engine.facts.tmux import Probe, Running, ServiceFolders, TmuxServices
from gpustrap.errors import InstanceFailed


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("service web 0 0 id abc ", {"web": Running("id", True)}),
        ("service web 0 0 - - ", {"web": Running("", True)}),
        ("service web 0 0 older - ", {"web": Running("older", True)}),
        ("service web 1 0 id abc ", {"web": Running("id", True, ended=True)}),
        (
            "service web 0 0 id abc \nunlogged web No space \x1b[31mleft\nunlogged other x",
            {"web": Running("id", True, unlogged="its log does not get what it says: No space left")},
        ),
        (
            "unlogged web \nservice web 0 0 id abc ",
            {"web": Running("id", True, unlogged="its log does not get what it says: the disk is full")},
        ),
        (
            "unlogged\nunlogged web\nservice web 0 0 id abc ",
            {"web": Running("id", True, unlogged="its log does not get what it says: the disk is full")},
        ),
        ("service web 0 1 id abc ", {"web": Running("id", False, stopped=True)}),
        ("service web 0 0 id other ", {"web": Running("id", True, other_environment=True)}),
        (
            "service web - - - - refused port 1 is taken by x (PID 2)",
            {"web": Running("", False, trouble="port 1 is taken by x (PID 2)", refused=True)},
        ),
        (
            "service web - - - - refused port 1 is taken by x (PID 2), of the service old",
            {"web": Running("", False, trouble="port 1 is taken by x (PID 2), of the service old", refused=True)},
        ),
        ("session 0 0 id abc a b", {"a b": Running("id", False)}),
        ("session 0 0", {}),
        ("session 0 0 id abc", {}),
        ("nonsense of the box", {}),
        ("service web 0 0 id", {}),
    ],
)
def test_a_session_is_what_its_line_says(said: str, seen: dict[str, Running]) -> None:
    assert TmuxServices().process(["environment abc", *said.splitlines()]) == seen


@pytest.mark.parametrize(
    ("words", "trouble"),
    [
        ("crashes 4 12 3", "it ends again and again (crash loop): 4 times in 12 s, the last time with 3"),
        (
            "crashes 4 12 127",
            "it ends again and again (crash loop): 4 times in 12 s, the last time with 127 (its command is not there)",
        ),
        (
            "crashes 4 12 137",
            "it ends again and again (crash loop): 4 times in 12 s, the last time with 137 (signal SIGKILL)",
        ),
        ("young 2 10 0 0", "it has been running for 2 s and has to for 10 s"),
        ("young 2 40 1 3", "it has been running for 2 s and has to for 40 s, since it ended with 3 before"),
        ("closed ", "nothing listens on its port"),
        ("closed 9000 9001 ", "nothing listens on its port, it listens on 9000 and 9001"),
        ("unanswered 500", "its health path answers 500"),
        ("unanswered slow", "its health path does not answer within 5 s"),
        ("unanswered none", "its health path does not answer HTTP"),
        ("unanswered command 3", "its health command ends with 3"),
        ("unanswered command", "its health command ends with 0"),
        ("unanswered command 124", "its health command does not end in time"),
        ("local ::1", "it listens on ::1 only, which the provider cannot reach: bind 0.0.0.0"),
        ("apart 10.0.0.5", "it listens on 10.0.0.5 only, which the gateway does not ask: bind 127.0.0.1"),
        ("six", "it listens on IPv6 only (::), which a mapped port does not reach: bind 0.0.0.0, or both"),
        ("gave-up 10 3", "it was given up: it ended 10 times before it worked, the last time with 3"),
        ("exits 2 7", "it ends before it listens: 2 times, the last time with 7"),
        ("slow 60", "nothing listens on its port after 60 s, and it still runs: `ready_seconds` gives it longer"),
        ("gone ", "nothing listens on its port any more"),
        ("gone 9000", "nothing listens on its port any more, it listens on 9000"),
        ("gone 9000 9001", "nothing listens on its port any more, it listens on 9000 and 9001"),
        ("failed", "it has ended with 0"),
        ("failed 126", "it has ended with 126 (its command cannot be executed)"),
        ("taken 80 nginx (PID 7: nginx)", "port 80 is taken by nginx (PID 7: nginx)"),
        ("other", "it cannot be told why"),
    ],
)
def test_one_that_is_not_ready_has_its_reason(words: str, trouble: str) -> None:
    seen = TmuxServices().process(["environment abc", f"service web 0 0 id abc {words}"])["web"]
    assert (seen.ready, seen.trouble, seen.stuck) == (False, trouble, words.startswith(("crashes", "gave-up", "gone")))
    assert seen.unanswered is words.startswith("unanswered")


def test_what_holds_the_port_and_is_of_another_service_of_ours_gives_a_new_start() -> None:
    said = "service web 0 0 id abc taken 80 python3 (PID 7: python3), of the service old"
    assert TmuxServices().process([said])["web"].stuck


def test_the_end_of_the_log_is_that_services_and_moves_no_cursor() -> None:
    said = ["service web 0 0 id abc closed ", "said web \x1b[31mboom\x1b[0m", "said job x", "said web  two  words"]
    assert TmuxServices().process(said)["web"].log == ("boom", " two  words")


def test_a_session_of_ours_goes_before_one_of_an_older_gpustrap() -> None:
    said = ["session 0 0 id abc web", "session 0 0 older - web"]
    assert TmuxServices().process(said)["web"].identity == "id"


def test_a_stranger_who_answers_is_no_service() -> None:
    assert TmuxServices().process(["environment abc", "said web x"]) == {}


def test_the_words_of_a_probe_are_quoted() -> None:
    assert Probe("web", 8080, "/a b?c='").words() == """web 8080 '/a b?c='"'"''"""
    assert Probe("job", None, "/ping").words() == "job '' ''"


def test_a_probe_that_the_gateway_asks_says_so_before_it_asks() -> None:
    asked = Probe("a b", 80, "/x", ("TOKEN",), behind=True).asks(5, 60, "await")
    assert asked == "behind 'a b'\nawait 'a b' 80 /x 5 60 TOKEN\n"


def test_folders_are_told_from_noise() -> None:
    assert ServiceFolders().process(["welcome", "folder web", "folder a b"]) == ("web", "a b")


def test_a_service_of_two_words_is_ready_when_its_probe_says_so() -> None:
    assert Probe("web", 8080).words() == "web 8080 ''"
    assert Probe("web").words() == "web '' ''"


def test_what_is_no_session_is_none_however_long_its_line_is() -> None:
    assert TmuxServices().process(["environment abc", "welcome 0 0 id abc web"]) == {}


def test_without_a_told_environment_a_session_with_one_has_another() -> None:
    said = TmuxServices().process(["service web 0 0 id abc ", "session 0 0 id - job"])
    assert said == {"web": Running("id", True, other_environment=True), "job": Running("id", False)}
    assert TmuxServices().process(["environment", "service web 0 0 id  "])["web"].other_environment is False


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
    from gpustrap.engine.facts.tmux import beside_script, look_script, tmux_script

    lines = look_script("/f").splitlines()
    assert {"runs=/run/gpustrap", "profile=/etc/profile.d", "socket=services", "older=gpustrap", "folder=/f"} <= {
        *lines
    }
    lines = tmux_script("job-look", "jobs", job="torch", d="/d").splitlines()
    assert {"socket=jobs", "older=gpustrap-jobs", "job=torch", "d=/d"} <= {*lines}
    assert "folder=/etc/gpustrap/services" in TmuxServices().command([])
    asked = TmuxServices().command([Probe("web", 80), Probe("db")], steady=5, ready={"db": 7})
    assert asked.endswith("\nask web 80 '' 5 0\nask db '' '' 5 7\nrest\n")
    assert "units=/my units" in [line.replace("'", "") for line in beside_script("/my units", service="a").splitlines()]


@pytest.mark.parametrize(
    ("probe", "words"),
    [(Probe("web", 80), "web 80 ''"), (Probe("web", 80, "/x"), "web 80 /x"), (Probe("job", None, "/x"), "job '' ''")],
)
def test_a_path_is_asked_on_a_port_alone(probe: Probe, words: str) -> None:
    assert probe.words() == words


def test_a_tmux_that_cannot_be_asked_for_want_of_processes_is_not_called_broken() -> None:
    said = "untold said timeout: fork system call failed: Resource temporarily unavailable"
    with pytest.raises(InstanceFailed) as told:
        TmuxServices().process([said])
    assert told.value.error == (
        "the instance can start no more processes (timeout: fork system call failed: Resource temporarily unavailable)"
    )
    assert "reinstall" not in str(told.value.hint)
    assert told.value.hint == lack_of(said).hint


AGAIN = "`apt-get install --reinstall tmux` on the instance brings back one that is broken"
LATER = "; `gpustrap up --roles base` installs one that never was"


@pytest.mark.parametrize(
    ("said", "why", "hint"),
    [
        ("absent", "it is not there, and what it started still runs", AGAIN + LATER),
        ("barred", "it cannot be executed", AGAIN),
        (
            "slow",
            "it gives no answer within 10 s",
            f"{AGAIN}; one that a signal holds goes on by `pkill -CONT tmux`",
        ),
        ("said tmux: \x1b[31mbad", "tmux: bad", AGAIN),
        ("said", "it fails and says nothing", AGAIN),
    ],
)
def test_why_tmux_cannot_be_asked_is_told_with_what_to_do(said: str, why: str, hint: str) -> None:
    with pytest.raises(InstanceFailed) as told:
        TmuxServices().process(["service web 0 0 id abc ", f"untold {said}"])
    assert (told.value.error, told.value.hint) == (f"tmux cannot be asked: {why}", hint)
