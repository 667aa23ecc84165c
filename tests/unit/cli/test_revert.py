"""`gpustrap revert`: its plan has exit code 3, and no secret of a role is asked for."""

from __future__ import annotations

import pytest

from gpustrap.cli import exit
from gpustrap.cli.main import app
from gpustrap.run import revert as undoing
from gpustrap.run.report import Change, Result

CHANGED = Result([Change("mirrors", "files")])
HOSTS = """\
defaults:
  roles: [network, services]
  network: {proxy: {env: NO_PROXY_HERE}}
instances:
  demo:
    ssh: ssh root@192.0.2.1
    sudo_password: {env: NO_SUDO_HERE}
"""


@pytest.fixture
def run(project, monkeypatch, capsys):
    """`run(RESULT, "demo")` with a run that gives this result; and how it was called."""

    def of(result, *words):
        seen = []

        def story(instances, _project, options, _lines, **how):
            seen.append((options, how))
            return {one.name: result for one in instances}

        monkeypatch.setattr(undoing, "revert", story)
        return exit.run(app, ["revert", *words]), capsys.readouterr().err, seen

    return of


@pytest.mark.parametrize(("result", "code"), [(CHANGED, 3), (Result(unchanged=2), 0)])
def test_a_plan_says_by_its_exit_code_whether_there_is_something(run, result, code):
    ended, _, [(_, how)] = run(result, "demo", "--plan")
    assert (ended, how) == (code, {"plans": True})


def test_a_plan_speaks_of_what_would_change(run):
    assert "demo: ok, 1 would change, 0 unchanged" in run(CHANGED, "demo", "--plan")[1]
    assert "demo: ok, 1 changed, 0 unchanged" in run(CHANGED, "demo")[1]


def test_what_is_typed_reaches_the_run(run):
    [(options, how)] = run(CHANGED, "demo", "--roles", "mirrors", "-y", "--take-over", "--diff")[2]
    assert (options.roles, options.confirm, options.take_over, options.diff, how) == (
        ("mirrors",),
        None,
        True,
        True,
        {},
    )


def test_the_way_back_needs_no_secret_of_a_role_but_sudos(run, project):
    (project / "inventory" / "hosts.yml").write_text(HOSTS)
    code, said, seen = run(CHANGED, "demo")
    assert (code, seen) == (2, [])
    assert "NO_SUDO_HERE" in said and "NO_PROXY_HERE" not in said


def test_new_keys_are_taken_of_named_instances_alone(run):
    code, said, _ = run(CHANGED, "--accept-new-key", "--plan")
    assert code == 2 and "gpustrap revert --plan trainer --accept-new-key" in said
