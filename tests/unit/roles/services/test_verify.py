"""The role's own proof, run on the answers of a fake instance: sessions, readiness, files with their modes."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from gpustrap.engine.facts.tmux import TmuxServices
from gpustrap.engine.services import probes
from gpustrap.inventory.masking import remember
from gpustrap.inventory.secrets import Secret
from gpustrap.resolve.service import Service, Services

SESSION = "each service has its session and no other is there"
RUNS = "each session runs what up would start"
READY = "each service is ready for others"
FILES = "the files are those that up writes"
ENV = "/etc/gpustrap/services/web/env"


@pytest.fixture
def web(monkeypatch) -> Service:
    monkeypatch.setenv("TOKEN", "canary-token")
    return Service("web", "serve", 8080, "/ping", "/srv", {"TOKEN": Secret(env="TOKEN")})


def sessions(service: Service, **other: str) -> str:
    """What the instance says of the one session, with the `other` words in place of the right ones."""
    from gpustrap.engine.services import files_of, identity

    right = {"dead": "0", "stopped": "0", "identity": identity(files_of(service)), "environment": "now", "trouble": ""}
    said = right | {"name": service.name} | other
    words = " ".join(said[word] for word in right)
    return f"environment now\nservice {said['name']} {words}\n"


def files(service: Service, **other: tuple[str, str]) -> str:
    """The states of all its files: `env=(mode, owner)` in place of the right ones, `lost` in place of the content."""
    from gpustrap.engine.boot import boot_files
    from gpustrap.engine.services import files_of

    lines = []
    for file in [*files_of(service), *boot_files(Services((service,)))]:
        mode, owner = other.get(file.dest.rpartition("/")[2], (file.octal, "-"))
        path = base64.b64encode(file.dest.encode()).decode()
        lines.append(f"state {path} file {mode} {hashlib.sha256(file.data).hexdigest()} ours {owner} - - - -")
    return "\n".join([*lines, "looked\n"])


def answers(said_of_sessions: str, said_of_files: str, listening: str = "whole\n") -> dict[str, Any]:
    return {"loopback=": listening, "echo looked": said_of_files, "list-sessions": said_of_sessions}


def test_a_service_that_runs_answers_and_has_its_files_is_proved(proved, web) -> None:
    verdict = proved("services", Services((web,)), answers(sessions(web), files(web)))
    assert (verdict.passed, verdict.broken) == (6, [])


@pytest.mark.parametrize(
    ("other", "promise", "sentence"),
    [
        ({"trouble": "unanswered 500"}, READY, "web: not ready: its health path answers 500"),
        ({"trouble": "closed"}, READY, "web: not ready: nothing listens on its port"),
        (
            {"trouble": "crashes 4 12 3"},
            RUNS,
            "web: it ends again and again (crash loop): 4 times in 12 s, the last time with 3",
        ),
        ({"identity": "other"}, RUNS, "web: its files have changed since it was started"),
        ({"environment": "older"}, RUNS, "web: runs with an older environment"),
        ({"dead": "1"}, RUNS, "web: has ended"),
        ({"stopped": "1"}, RUNS, "web: is held by a signal (SIGSTOP)"),
    ],
)
def test_a_session_that_is_not_as_wanted_is_told_in_words(broken, web, other, promise, sentence) -> None:
    said = answers(sessions(web, **other), files(web))
    assert broken("services", Services((web,)), said) == {promise: sentence}


def test_the_end_of_its_log_stands_below_and_other_services_are_not_named(proved, web) -> None:
    job = Service("job", "work", cwd="/srv")
    remember("canary-log")
    said = sessions(web, trouble="closed ") + sessions(job) + "said web canary-log\nsaid job fine\n"
    (broken,) = proved("services", Services((web, job)), answers(said, files(web) + files(job))).broken
    assert (broken.promise, broken.parts) == (READY, ("web",))
    assert broken.error == "web: not ready: nothing listens on its port\nthe end of the log of web:\n  ***"


def test_the_question_asks_for_the_health_path_on_the_port(proved, web) -> None:
    asked = []
    proved("services", Services((web,)), {"": lambda command: asked.append(command) or ""})
    assert any("ask web 8080 /ping" in command for command in asked)
    assert TmuxServices().command(probes((web,)), steady=12) in asked


def test_a_session_that_is_missing_and_one_too_many_are_named(broken, web) -> None:
    said = broken("services", Services((web,)), answers(sessions(web, name="old"), files(web)))
    assert said == {
        SESSION: "web has no session; old runs and is no service of this instance",
        RUNS: "web: not running",
    }


@pytest.mark.parametrize(
    ("other", "why"),
    [(("644", "-"), "mode 644 → 600"), (("600", "nobody:root"), "owner nobody:root is not the right one")],
)
def test_a_secret_environment_that_others_may_read_is_told(broken, web, other, why: str) -> None:
    said = broken("services", Services((web,)), answers(sessions(web), files(web, env=other)))
    assert said == {FILES: f"{ENV}: {why}"}


def test_another_content_is_told_without_the_secret(broken, web) -> None:
    right = files(web)
    line = next(line for line in right.splitlines() if base64.b64encode(ENV.encode()).decode() in line)
    said = broken("services", Services((web,)), answers(sessions(web), right.replace(line.split()[4], "0" * 64)))
    assert said == {FILES: f"{ENV}: content"}


def test_a_file_that_is_not_there_is_told(broken, web) -> None:
    said = broken("services", Services((web,)), answers(sessions(web), "looked\n"))
    assert set(said) == {FILES} and f"{ENV}: missing" in said[FILES]
    gone = files(web, env=("absent", "-")).replace("file absent", "absent -")
    assert broken("services", Services((web,)), answers(sessions(web), gone)) == {FILES: f"{ENV}: missing"}


def test_what_starts_the_services_after_a_restart_is_one_of_the_files(proved, web) -> None:
    said = answers(sessions(web), files(web, boot=("644", "-")))
    (broken,) = proved("services", Services((web,)), said).broken
    assert (broken.promise, broken.parts) == (FILES, ("after a restart",))
    assert broken.error == "/etc/gpustrap/boot: mode 644 → 755"


def test_where_tmux_cannot_be_asked_nothing_of_the_sessions_holds(broken, web) -> None:
    said = broken("services", Services((web,)), answers("untold barred\n", files(web)))
    assert (
        set(said.values()) == {"tmux cannot be asked: it cannot be executed"} and {SESSION, RUNS, READY} <= said.keys()
    )


def test_neither_question_nor_sentence_holds_the_secret(proved, web) -> None:
    asked = []
    verdict = proved("services", Services((web,)), {"": lambda command: asked.append(command) or "canary-token"})
    assert verdict.broken and "canary" not in str(verdict.broken) + str(asked)


def test_of_several_services_each_is_told(broken, web, monkeypatch) -> None:
    job = Service("job", "train", None, None, "/srv", {})
    other = Service("api", "serve", None, None, "/srv", {})
    said = broken("services", Services((web, job, other)), answers("environment now\n", "looked\n"))
    assert said[SESSION] == "api has no session; job has no session; web has no session"
    assert said[RUNS] == "web: not running; job: not running; api: not running"
    assert said[FILES].count("; ") >= 8 and said[FILES].startswith("/etc/gpustrap/services/web/run: missing; ")
    monkeypatch.undo()
    held = "environment now\n" + "".join(f"session 0 0 - now {name}\n" for name in ("zz", "aa"))
    assert broken("services", Services(()), answers(held, ""))[SESSION] == (
        "aa runs and is no service of this instance; zz runs and is no service of this instance"
    )


def test_sessions_that_are_missing_or_too_many_are_told_in_order(broken) -> None:
    wanted = Services(tuple(Service(name, "serve", cwd="/srv") for name in "hgfedcba"))
    held = "environment now\n" + "".join(f"session 0 0 - now {name}\n" for name in "zyxwvuts")
    said = broken("services", wanted, answers(held, files(wanted.services[0])))
    missing = "; ".join(f"{name} has no session" for name in "abcdefgh")
    more = "; ".join(f"{name} runs and is no service of this instance" for name in "stuvwxyz")
    assert said[SESSION] == f"{missing}; {more}"


def test_without_services_no_file_is_promised(proved) -> None:
    verdict = proved("services", Services(()), answers("environment now\n", ""))
    assert (verdict.passed, verdict.broken) == (5, [])


def test_several_that_are_not_ready_are_told_together(broken) -> None:
    from gpustrap.engine.services import files_of, identity

    both = [Service(name, "serve", port, None, "/srv", {}) for name, port in (("one", 1), ("two", 2))]
    lines = [f"service {each.name} 0 0 {identity(files_of(each))} now closed\n" for each in both]
    owned = "".join(line + "\n" for each in both for line in files(each).splitlines() if line != "looked")
    said = broken("services", Services(tuple(both)), answers("environment now\n" + "".join(lines), owned + "looked\n"))
    assert said == {READY: "; ".join(f"{name}: not ready: nothing listens on its port" for name in ("one", "two"))}


def test_a_service_that_was_refused_has_no_session(broken, web) -> None:
    said = broken(
        "services", Services((web,)), answers("environment now\nservice web - - - - refused why\n", files(web))
    )
    assert said[SESSION] == "web has no session"


def test_only_the_services_whose_files_differ_are_named(proved, web) -> None:
    job = Service("job", "work", cwd="/srv")
    said = answers(sessions(web) + sessions(job), files(web, env=("644", "-")) + files(job))
    (broken,) = proved("services", Services((web, job)), said).broken
    assert (broken.promise, broken.parts) == (FILES, ("web",))


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("socket\ttcp\t00000000:0016\t7\troot\t/usr/sbin/sshd\t-\tsshd\nwhole\n", None),
        ("socket\ttcp\t0100007F:1F90\t7\troot\t/x/nc\tweb\tnc -l\nwhole\n", None),
        (
            "socket\ttcp\t00000000:1F90\t7\troot\t/x/nc\t-\tnc -l\nwhole\n",
            "0.0.0.0:8080 (tcp) is open to others: nc (PID 7: nc -l, by root); end it, have it listen on 127.0.0.1,"
            " or write `allow_listening: [8080]`",
        ),
        ("", "what listens on this instance cannot be told"),
    ],
)
def test_a_stranger_who_is_open_to_others_is_named_and_is_no_fault_of_the_services(proved, web, said, error) -> None:
    verdict = proved("services", Services((web,)), answers(sessions(web), files(web), said))
    assert [one.error for one in verdict.broken] == ([error] if error else [])
    assert all(one.by_others and "web" not in one.parts for one in verdict.broken)
    assert said or [one.parts for one in verdict.broken] == [("",)]


def test_a_log_that_takes_nothing_is_told_and_is_no_fault_of_the_service(proved, web) -> None:
    said = answers(sessions(web) + "unlogged web No space left on device\n", files(web))
    (broken,) = proved("services", Services((web,)), said).broken
    assert broken.error == "web: its log does not get what it says: No space left on device"
    assert broken.by_others
