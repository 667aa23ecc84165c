"""Each step does what its name says: connecting is patient and asks about keys, deciding reads, changing takes the lock."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from gpustrap.engine import questions
from gpustrap.engine.failures import GatewayBusy, HostKeyChanged
from gpustrap.engine.session import Operation
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.box.configuration import Configuration, SetVariable
from gpustrap.resolve.download import Download, Fetch
from gpustrap.resolve.net.measured import Measured, Row, write
from gpustrap.run import steps
from gpustrap.run.report import Change
from gpustrap.run.work import Options


@pytest.fixture
def slept(monkeypatch):
    """How long was waited for, instead of waiting."""
    seconds: list[float] = []
    monkeypatch.setattr(steps, "gevent", SimpleNamespace(sleep=seconds.append))
    return seconds


def busy():
    return GatewayBusy("its ssh gateway closed the connection")


def changed_key():
    return HostKeyChanged("its host key has changed, it is now SHA256:new", operation="connect")


@pytest.mark.parametrize(("times", "pauses"), [(0, []), (1, [5]), (2, [5, 25]), (3, [5, 25, 60])])
def test_a_busy_gateway_gets_longer_pauses(world, slept, times, pauses):
    world.sessions["one"].fails["connect"] = [busy() for _ in range(times)]
    steps.connect(world.work())
    assert slept == pauses
    assert world.watcher.said["one"] == [
        "connecting",
        *(f"its ssh gateway is busy, the next try is in {one} s" for one in pauses),
    ]


def test_a_gateway_that_stays_busy_is_a_failure(world, slept):
    world.sessions["one"].fails["connect"] = [busy() for _ in range(5)]
    with pytest.raises(GatewayBusy):
        steps.connect(world.work())
    assert slept == [5, 25, 60]
    assert world.sessions["one"].log == ["connect"] * 4


def test_another_failure_is_not_tried_again(world, slept):
    world.sessions["one"].fails["connect"] = [InstanceFailed("nothing listens on its ssh port")]
    with pytest.raises(InstanceFailed, match="nothing listens"):
        steps.connect(world.work())
    assert (slept, world.sessions["one"].log) == ([], ["connect"])


@pytest.mark.parametrize(
    "options",
    [
        Options(accept_new_key=True),
        Options(accepts_key=lambda *_: True),
        Options(accept_new_key=True, accepts_key=lambda *_: pytest.fail("said already")),
    ],
)
def test_a_changed_host_key_is_forgotten_where_the_new_one_is_accepted(world, options):
    world.sessions["one"].fails["connect"] = [changed_key()]
    steps.connect(world.work(options))
    assert world.sessions["one"].log == ["connect", "forget", "connect"]
    assert world.watcher.said["one"][-1] == "its new host key SHA256:new is kept"


@pytest.mark.parametrize("options", [Options(), Options(accepts_key=lambda *_: False)])
def test_a_changed_host_key_that_nobody_accepts_is_a_failure_and_the_old_one_stays(world, options):
    world.sessions["one"].fails["connect"] = [changed_key()]
    with pytest.raises(HostKeyChanged):
        steps.connect(world.work(options))
    assert world.sessions["one"].log == ["connect"]


def test_who_is_asked_about_a_key_hears_whose_it_is_and_what_is_wrong(world):
    asked = []
    world.sessions["one"].fails["connect"] = [changed_key()]
    steps.connect(world.work(Options(accepts_key=lambda *words: not asked.append(words))))
    assert asked == [("one", "its host key has changed, it is now SHA256:new")]


def test_a_busy_gateway_is_given_time_after_a_changed_key_too(world, slept):
    world.sessions["one"].fails["connect"] = [changed_key(), busy()]
    steps.connect(world.work(Options(accept_new_key=True)))
    assert (slept, world.sessions["one"].log) == ([5], ["connect", "forget", "connect", "connect"])


@pytest.mark.parametrize(("known", "said"), [(True, []), (False, ["first contact, its host key SHA256:new is kept"])])
def test_the_key_of_a_first_contact_is_shown(world, known, said):
    world.sessions["one"].known = known
    steps.connect(world.work())
    assert world.watcher.said["one"] == ["connecting", *said]


def test_what_a_change_prints_is_heard(world):
    work = world.work()
    steps.connect(work)
    work.session.connector.on_line("Get:1 …")
    assert world.watcher.events == [("prints", "one", "Get:1 …")]


def test_a_box_without_the_commands_that_ours_are_made_of_is_said_before_anything_is_changed(world):
    world.sessions["one"].has(lacks=("sha256sum", "tar"))
    with pytest.raises(InstanceFailed, match=r"^survey: it has no sha256sum, tar, which gpustrap's commands need\n"):
        steps.survey(world.work())


def test_a_sh_that_is_no_sh_is_said_before_anything_is_changed(world):
    world.sessions["one"].has(sh="/usr/bin/zsh")
    said = r"^survey: its /bin/sh is /usr/bin/zsh, which does not read gpustrap's commands as a sh does\n"
    with pytest.raises(InstanceFailed, match=said):
        steps.survey(world.work())


def test_a_program_that_hangs_is_named_with_what_that_means(world):
    world.sessions["one"].has(hangs=("python3",))
    work = world.work()
    steps.survey(work)
    said = "python3 gives no answer on this instance within 10 s: what runs on it will not work"
    assert world.watcher.said["one"] == [said]


def test_an_option_that_ends_shells_is_named_before_it_does(world):
    world.sessions["one"].has(configuration=Configuration(options=(SetVariable("e", "/root/.bashrc", 3),)))
    steps.survey(world.work())
    assert world.watcher.said["one"][0].startswith("`set -e` in /root/.bashrc:3: ")


NO_PASSWORD = "sudo_password: {env: NAME} in hosts.yml says where it is, or log in as root"


@pytest.mark.parametrize(("sudo", "why", "hint"), [
    ("", "sudo wants a password from him", NO_PASSWORD), ("sudo: a password is required", "sudo wants a password from him", NO_PASSWORD),
    ("none", "there is no sudo", "log in as root, or install sudo there and allow it to this user"),
    ("sudo: sorry, you must have a tty to run sudo", "sudo says: sudo: sorry, you must have a tty to run sudo",
     "`sudo -l` on the instance shows what is allowed; or log in as root"),
])  # fmt: skip
def test_a_login_that_can_change_nothing_is_said(world, sudo, why, hint):
    world.sessions["one"].has(root=False, user="ubuntu", sudo=sudo)
    with pytest.raises(InstanceFailed) as failed:
        steps.survey(world.work())
    assert str(failed.value) == f"survey: the user 'ubuntu' is not root, and {why}\nhint: {hint}"


READS = "def choose(settings, survey, context): return (settings, context.decided('beta'))"
GIVES = """
from types import SimpleNamespace
def choose(settings, survey, context): return SimpleNamespace(index='own', reasons=('because',))
"""


def decided(world, role, **options):
    role("reader", resolve=READS)
    role("source", resolve="def choose(settings, survey, context): raise RuntimeError('nobody reads it')")
    (world.project.parent / "roles" / "beta" / "resolve.py").write_text(GIVES)
    work = world.work(Options(**options), roles=("alpha", "beta", "reader", "source"))
    steps.survey(work)
    steps.decide(work)
    return work


def test_roles_that_are_left_out_are_not_applied_and_may_still_be_read(world, role):
    work = decided(world, role, roles=("reader",))
    assert list(work.chosen) == ["reader"]
    settings, mirrors = work.chosen["reader"]
    assert (settings, mirrors.index) == ("reader's settings", "own")
    assert work.context.decided("beta") is mirrors


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        (("alpha",), ["web still runs; the role services is not among the roles"]),
        (("alpha", "services"), []),
    ],
)
def test_a_service_whose_role_was_taken_out_is_said(world, role, roles, said):
    role("services", resolve="def choose(settings, survey, context): return ['decided']")
    work = world.work(roles=roles)
    world.sessions["one"].has(services=("web",))
    steps.survey(work)
    steps.decide(work)
    assert world.watcher.said.get("one", []) == said


def test_roles_are_decided_in_the_instances_order_not_in_the_options(world, role):
    work = decided(world, role, roles=("reader", "alpha", "beta", "torch"))
    assert list(work.chosen) == ["alpha", "beta", "reader"]


def test_a_role_of_the_run_that_the_instance_does_not_have_is_said(world, role):
    work = world.work(Options(roles=("identity", "alpha")), roles=("alpha",))
    steps.survey(work)
    steps.decide(work)
    assert world.watcher.said["one"] == ["identity: not among the roles of this instance"]


def test_reasons_are_shown_and_reported_for_each_role_of_the_run(world, role):
    work = decided(world, role, roles=("alpha", "beta"))
    assert work.result.reasons == {"alpha": [], "beta": ["because"]}
    assert world.watcher.events == [("decided", "one", work.result.reasons)]


@pytest.mark.parametrize(
    ("says", "planned"),
    [
        ("/etc/profile.d/gpustrap-network.sh: content updated", ["alpha", "beta"]),
        ("/etc/profile.d/zzzz-gpustrap-network.sh: created", ["alpha"]),
        ("/root/.npmrc: created", ["alpha"]),
    ],
)
def test_what_follows_from_another_environment_is_planned_too(world, says, planned):
    work = lined_up(world, "alpha")
    session = work.session
    session.said, session.restarts = {"alpha": (says,)}, {"alpha": "no", "beta": "runs with an older environment"}
    changes = steps.pending(work)
    assert [one.role for one in changes] == planned
    assert [one.details for one in changes[1:]] == [("runs with an older environment",)] * (len(planned) - 1)
    session.restarts = {}
    assert [one.role for one in steps.pending(work)] == ["alpha"]


def lined_up(world, *pending):
    world.sessions["one"].pending = pending
    work = world.work(roles=("alpha", "beta"))
    steps.survey(work)
    steps.decide(work)
    steps.line_up(work)
    world.sessions["one"].log.clear()
    return work


def test_what_would_change_is_listed_with_its_details_and_nothing_is_run(world):
    work = lined_up(world, "beta")
    assert steps.pending(work) == [Change("beta", "files", ("+ beta",))]
    assert world.sessions["one"].log == []


@pytest.mark.parametrize(("pending", "log"), [((), ["execute"]), (("alpha",), ["lock", "execute"])])
def test_the_lock_is_taken_before_a_change_and_only_for_one(world, pending, log):
    steps.change(lined_up(world, *pending), world.project)
    assert world.sessions["one"].log == log


def test_a_run_that_cannot_know_before_takes_the_lock(world):
    work = lined_up(world)
    work.session.connector.replays = False
    steps.change(work, world.project)
    assert world.sessions["one"].log == ["lock", "execute"]


def test_one_that_is_taken_over_gets_our_name_also_where_nothing_changes(world):
    world.sessions["one"].has(owner="other/one")
    steps.change(lined_up(world), world.project)
    assert world.sessions["one"].log == ["lock", "execute"]


@pytest.mark.parametrize(
    ("lends", "replays", "checks"), [(False, True, ("true", "ls")), (True, True, ()), (False, False, ())]
)
def test_the_last_verifications_commands_travel_with_the_changes_but_not_with_a_lent_network(
    world, tmp_path, lends, replays, checks
):
    work = lined_up(world)
    work.chosen = {**work.chosen, "network": SimpleNamespace(loan=object() if lends else None)}
    work.session.connector.replays = replays
    questions.remember(tmp_path / "checks.json", ("true", "ls"))
    steps.change(work, world.project)
    assert work.session.proof.checks == checks


def test_one_that_cannot_be_looked_at_fails_when_it_is_its_turn(world, monkeypatch):
    work = lined_up(world)

    def fails(_operation):
        raise InstanceFailed("a directory")

    monkeypatch.setattr(work.session, "would_change", fails)
    steps.change(work, world.project)
    assert (world.sessions["one"].log, work.result.unchanged) == (["lock", "execute"], len(work.session.operations))


def test_without_the_lock_nothing_is_changed(world):
    work = lined_up(world, "alpha")
    work.session.connector.answers = [([], 1, "no")]
    with pytest.raises(InstanceFailed):
        steps.change(work, world.project)
    assert world.sessions["one"].log == ["lock"]


def test_each_operation_counts_as_changed_or_unchanged(world):
    work = lined_up(world, "beta")
    steps.change(work, world.project)
    assert (work.result.changed, work.result.unchanged) == ([Change("beta", "files", ("+ beta",))], 1)
    assert world.watcher.kinds("one")[1:] == ["starts", "starts", "changed"]


@pytest.fixture
def spoilt(world):
    """Work whose role `services` has two services, of which none can be written."""
    work, session = world.work(), world.sessions["one"]
    steps.survey(work)
    session.operations = [
        Operation("services", name, name) for name in ("nothing else runs", "web: files", "web: runs")
    ]
    session.spoilt = "/run is a directory"
    return work, session


def test_one_service_that_cannot_be_written_is_planned_and_named(world, spoilt):
    work, _ = spoilt
    assert [(one.operation, one.details) for one in steps.pending(work)] == [
        ("web: files", ("/run is a directory",)),
        ("web: runs", ("/run is a directory",)),
    ]
    steps.change(work, world.project)
    assert work.unready == {"web": "/run is a directory"}


@pytest.mark.parametrize(("whose", "connected"), [("mirrors", True), ("services", False)])
def test_another_roles_failure_and_a_lost_connection_end_a_plan(spoilt, whose, connected):
    work, session = spoilt
    session.operations = [Operation(whose, "web: files", "x")]
    session.connector.connected = connected
    with pytest.raises(InstanceFailed, match="is a directory"):
        steps.pending(work)


def test_a_plan_knows_how_fast_its_downloads_were_measured_to_be(world):
    work = lined_up(world, "beta")
    rows = (Row("pypi", None, "works", 0.1, 5_000_000),)
    work.survey = replace(work.survey, measured=write(Measured(0, rows=rows)))
    world.sessions["one"].fetched["beta"] = (Download(10, "pypi"), Download(None))
    assert steps.pending(work)[0].fetches == (Fetch(10, 5_000_000), Fetch(None))
