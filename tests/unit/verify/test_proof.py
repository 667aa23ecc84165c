"""Real runs of pytest over the `verify.py` of roles that a test writes, on instances that are this machine's `sh`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from gpustrap.engine import questions
from gpustrap.inventory import masking

CANARY = "canary p4ss'word/42"


@pytest.fixture
def roles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`roles(web="def test_…")`: a project whose roles have these tests."""
    before = set(sys.modules)
    yield lambda **tests: [write(tmp_path, role, text) for role, text in tests.items()]  # type: ignore[misc]
    for name in set(sys.modules) - before:
        if name.endswith(".verify") and name.startswith("roles."):
            del sys.modules[name]


def write(project: Path, role: str, text: str) -> None:
    path = project / "roles" / role / "verify.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text))


@pytest.fixture
def prove(tmp_path: Path, connector):
    """`prove({"box": ["web"]})`: instance → verdict. Replay off, unless `replay`."""

    def proved(
        instances: dict[str, list[str]], replay: bool = False, same: bool = True, **connectors: Any
    ) -> dict[str, Any]:
        from gpustrap.verify.proof import Subject, verify

        subjects = [
            Subject(
                name,
                connectors.get(name, type(connector)()),
                {role: f"{role} decided for {name}" for role in has},
                SimpleNamespace(of=name),
                SimpleNamespace(instance=name),
                tmp_path / f"{name}.json" if replay else None,
                same,
            )
            for name, has in instances.items()
        ]
        return verify(subjects, tmp_path)

    return proved


@pytest.mark.parametrize("with_changes", [False, True])
def test_what_does_not_hold_behind_changes_is_asked_once_more_by_an_exec_of_its_own(
    roles, prove, connector, tmp_path, with_changes
) -> None:
    """That one's shell has read the start-up files as they are now."""
    from gpustrap.engine.batch import Answer
    from gpustrap.engine.behind import Checked

    roles(web="""def test_it_is_set(host): assert host.check_output("echo new") == "new", "it is not set" """)
    questions.remember(tmp_path / "box.json", ["echo new"])
    questions.remember(tmp_path / "other.json", ["echo new"])
    connector.answered = {"echo new": Answer(0, b"old\n", b"")}
    connector.behind = Checked((), b"") if with_changes else None
    other = type(connector)(answered={"echo new": Answer(0, b"new\n", b"")}, behind=Checked((), b""))
    verdicts = prove({"box": ["web"], "other": ["web"]}, True, box=connector, other=other)
    assert broken(verdicts["box"]) == ([] if with_changes else [("web", "it is set", "it is not set")])
    assert connector.asked == ([("echo new",)] if with_changes else [])
    assert (verdicts["other"].passed, other.asked) == (1, [])


def broken(verdict: Any) -> list[tuple[str, str, str]]:
    return [(one.role, one.promise, one.error) for one in verdict.broken]


@pytest.mark.parametrize("replay", [False, True])
def test_promises_that_hold_are_counted(roles, prove, replay) -> None:
    roles(
        web="""
        import pytest
        def test_it_answers(host): assert host.check_output("echo hello") == "hello"
        def test_it_stays(host): assert host.run("true").rc == 0
        def test_not_here(host): pytest.skip("nothing was promised")
        """,
        none="def check_it(host): assert 0",
    )
    verdict = prove({"box": ["web", "none", "without_tests"]}, replay)["box"]
    assert (verdict.passed, verdict.broken, verdict.failed) == (2, [], None)
    assert (verdict.empty, verdict.held) == (["none"], ["web | it answers", "web | it stays"])


def test_whole_verdicts_of_all_that_tests_can_say(roles, prove) -> None:
    from gpustrap.verify.verdict import Broken, Skipped, Verdict

    masking.remember(CANARY)
    roles(
        web=f"""
        import pytest
        from gpustrap.errors import PartsBroken, Strangers
        CANARY = {CANARY!r}
        def test_it_answers(host): assert host.check_output("echo hello") == "hello"
        def test_the_parts_run(host): raise PartsBroken({{"a": "a ended", "b": f"b says {{CANARY}}"}}, {{"a": ["why"]}})
        def test_nobody_else_listens(host): raise Strangers({{"sshd": "sshd listens"}})
        def test_it_is_right(host): assert host.run("exit 3").rc == 0
        def test_value(host): return 1
        @pytest.mark.parametrize("port", [1, 2])
        def test_each_port(host, port): assert port == 1, f"not {{port}}"
        def test_not_here(host): pytest.skip(f"no {{CANARY}} here")
        """,
        every="import pytest\ndef test_all(): pass\ndef test_left(host): pytest.skip('why')\n",
        left=f"import pytest\npytest.skip({CANARY!r}, allow_module_level=True)\n",
        none="def check_it(host): pass\n",
    )
    verdicts = prove({"one": ["web", "left", "none"], "two": ["every"]})
    value = "the test returns a value, which nothing looks at: `assert` is meant where `return` stands"
    assert verdicts == {
        "one": Verdict(
            2,
            [
                Broken("web", "the parts run", "a ended; b says ***\nthe end of the log of a:\n  why", ("a", "b")),
                Broken("web", "nobody else listens", "sshd listens", ("sshd",), True),
                Broken("web", "it is right", "expected 0, found 3"),
                Broken("web", "value", value),
                Broken("web", "each port", "not 2"),
            ],
            skipped=[Skipped("left", "verify.py", "***"), Skipped("web", "not here", "no *** here")],
            held=["web | it answers", "web | each port"],
            empty=["none"],
        ),
        "two": Verdict(1, skipped=[Skipped("every", "left", "why")], held=["every | all"]),
    }


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("assert 1 == 2", "expected 2, found 1"),
        ('assert host.check_output("echo Somebody") == "Night Trainer"', "expected 'Night Trainer', found 'Somebody'"),
        ('assert host.run("false").rc == 0, "it does not answer"', "it does not answer"),
        ('raise AssertionError("one\\ntwo")', "one\ntwo"),
        ('raise AssertionError("\\n".join(map(str, range(50))))', "\n".join(map(str, range(12)))),
        ('raise ValueError("no number")', "ValueError: no number"),
        ('{}["port"]', "KeyError: 'port'"),
        ("raise SystemExit(0)", "it ends the whole proof, by `sys.exit`: 0"),
        ('import pytest; pytest.fail("said so")', "said so"),
        (
            'assert host.run("echo why >&2; exit 3").succeeded, host.run("echo why >&2; exit 3")',
            "`echo why >&2; exit 3` (exit 3: why)",
        ),
    ],
)
def test_a_promise_that_does_not_hold_says_what_its_test_says(roles, prove, body, error) -> None:
    roles(web=f"def test_git_uses_the_proxy(host):\n    {body}\n")
    verdict = prove({"box": ["web"]})["box"]
    assert broken(verdict) == [("web", "git uses the proxy", error)]
    assert verdict.passed == 0


@pytest.mark.parametrize("case", ["raise AssertionError({})", "raise ValueError({})", "assert 0, {}", "{{}}[{}]"])
@pytest.mark.parametrize("form", ["{0}", "url is http://u:{1}@h/", "v={2}", "{0!r}"])
def test_no_form_of_a_secret_comes_out_of_a_failing_test(roles, prove, case, form) -> None:
    import shlex

    masking.remember(CANARY)
    text = form.format(CANARY, quote(CANARY, safe=""), shlex.quote(CANARY))
    roles(web=f"def test_it(host):\n    {case.format(repr(text))}\n")
    verdict = prove({"box": ["web"]})["box"]
    (one,) = verdict.broken
    assert "***" in one.error
    assert not any(part in one.error for part in ("p4ss", "word", "42"))


def test_no_secret_comes_out_of_an_exception_with_words_of_its_own(roles, prove) -> None:
    masking.remember(CANARY)
    kind = f"class Own(Exception):\n    def __str__(self): return {CANARY!r}\n"
    roles(web=f"{kind}def test_it(host): raise Own\n")
    assert broken(prove({"box": ["web"]})["box"]) == [("web", "it", "Own: ***")]


@pytest.mark.parametrize("replay", [False, True])
def test_no_secret_comes_out_of_a_file_that_cannot_be_imported(roles, prove, replay) -> None:
    masking.remember(CANARY)
    roles(web=f"raise ValueError({CANARY!r})\n")
    (one,) = prove({"box": ["web"]}, replay)["box"].broken
    assert "p4ss" not in one.error and "***" in one.error


@pytest.mark.parametrize("replay", [False, True])
@pytest.mark.parametrize(
    "text", ["import no_such_module_here\n", "def test_it(:\n", "raise RuntimeError('why')\n", "1 / 0"]
)
def test_a_file_that_cannot_be_imported_breaks_its_role_alone(roles, prove, text, replay) -> None:
    roles(bad=text, web="def test_it_answers(host): assert host.check_output('echo hello') == 'hello'\n")
    verdicts = prove({"both": ["bad", "web"], "spared": ["web"]}, replay)
    assert [(one.role, one.promise) for one in verdicts["both"].broken] == [("bad", "verify.py")]
    assert (verdicts["both"].passed, verdicts["spared"].passed, verdicts["spared"].broken) == (1, 1, [])


@pytest.mark.parametrize("replay", [False, True])
def test_an_instance_that_cannot_be_asked_fails_alone(roles, prove, connector, replay) -> None:
    roles(web="def test_it_answers(host): assert host.check_output('echo hello') == 'hello'\n")
    connector.lost = True
    verdicts = prove({"dead": ["web"], "alive": ["web"]}, replay, dead=connector)
    assert str(verdicts["dead"].failed) == "the connection was lost"
    assert (verdicts["alive"].passed, verdicts["alive"].failed, verdicts["alive"].broken) == (1, None, [])


def test_a_test_gets_what_was_decided_for_its_role_and_its_instance(roles, prove) -> None:
    said = (
        "def test_it(host, chosen, survey, context, subject):\n"
        "    raise AssertionError(f'{chosen}; {survey.of} {context.instance} {subject.name} {host.backend.hostname}')\n"
    )
    roles(web=said, db=said)
    verdicts = prove({"one": ["web", "db"], "two": ["db"]})
    assert broken(verdicts["one"]) == [
        ("web", "it", "web decided for one; one one one one"),
        ("db", "it", "db decided for one; one one one one"),
    ]
    assert broken(verdicts["two"]) == [("db", "it", "db decided for two; two two two two")]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("def test_it(): assert 0\n", "does not hold: 0"),
        ("import pytest\n@pytest.mark.parametrize('port', [1])\ndef test_it(port): assert 0\n", "does not hold: 0"),
        (
            "def test_it(hosts): pass\n",
            "a check takes host, chosen, survey and context; found 'hosts'; nearest: 'host'",
        ),
        ("import pytest\n@pytest.fixture\ndef own(host): raise OSError('no')\ndef test_it(own): pass\n", "OSError: no"),
        ("import pytest\n@pytest.mark.xfail(strict=True)\ndef test_it(host): pass\n", "does not hold"),
    ],
)
def test_no_test_fails_unheard(roles, prove, text, error) -> None:
    roles(web=text)
    verdicts = prove({"box": ["web"], "other": []})
    assert [(role, promise, said[: len(error)]) for role, promise, said in broken(verdicts["box"])] == [
        ("web", "it", error)
    ]
    assert verdicts["other"].broken == []


@pytest.mark.parametrize(("meant", "written"), [("chosen", "choosen"), ("survey", "surveys"), ("context", "contexts")])
def test_what_a_check_may_have_meant_is_named(roles, prove, meant, written) -> None:
    roles(web=f"def test_it({written}): pass\n")
    told = f"a check takes host, chosen, survey and context; found '{written}'; nearest: '{meant}'"
    assert broken(prove({"box": ["web"]})["box"]) == [("web", "it", told)]


def test_what_a_fixture_of_a_persons_says_it_lacks_is_told(roles, prove) -> None:
    roles(
        web="""
        import pytest
        @pytest.fixture
        def card(request): request.raiseerror("no card is here")
        def test_it(card): pass
        """
    )
    ((role, promise, said),) = broken(prove({"box": ["web"]})["box"])
    assert (role, promise) == ("web", "it") and "no card is here" in said


def test_a_fixture_that_is_like_none_is_named_alone(roles, prove) -> None:
    roles(web="def test_it(xyzzy): pass\n")
    told = "a check takes host, chosen, survey and context; found 'xyzzy'"
    assert broken(prove({"box": ["web"]})["box"]) == [("web", "it", told)]


def test_a_test_about_no_instance_counts_for_each_that_has_the_role(roles, prove) -> None:
    roles(web="def test_it(): pass\n")
    verdicts = prove({"one": ["web"], "two": ["web"], "other": []})
    assert [verdicts[name].passed for name in ("one", "two", "other")] == [1, 1, 0]


ENDS = "it ends the whole proof, by `{}`"


@pytest.mark.parametrize("replay", [False, True])
@pytest.mark.parametrize(
    ("text", "promise", "error"),
    [
        ("import sys\nsys.exit(0)\n", "verify.py", ENDS.format("sys.exit") + ": 0"),
        ("import pytest\npytest.exit('enough', 0)\n", "verify.py", "E   _pytest.outcomes.Exit: enough"),
        ("import pytest\ndef test_it(host): pytest.exit('enough', 0)\n", "it", ENDS.format("pytest.exit") + ": enough"),
        ("import pytest\ndef test_it(host): pytest.exit('')\n", "it", ENDS.format("pytest.exit")),
        ("import sys\ndef test_it(host): sys.exit(0)\n", "it", ENDS.format("sys.exit") + ": 0"),
        (
            "import pytest\n@pytest.fixture\ndef own(): pytest.exit('made', 0)\ndef test_it(host, own): pass\n",
            "it",
            ENDS.format("pytest.exit") + ": made",
        ),
        ("def test_it(request): request.session.shouldstop = 'stop'\n", None, ""),
        ("def test_it(request): request.session.shouldfail = 'stop'\n", None, ""),
    ],
)
def test_a_verify_file_that_ends_the_run_is_that_roles_fault(roles, prove, capfd, text, promise, error, replay) -> None:
    roles(bad=text, web="def test_it_answers(host): pass\n")
    verdict = prove({"box": ["bad", "web"]}, replay)["box"]
    if promise:
        ((role, told, said),) = broken(verdict)
        assert (role, told, verdict.passed, verdict.failed) == ("bad", promise, 1, None)
        assert said.endswith(error)
    else:  # what did not run is named
        assert broken(verdict) == [("web", "it answers", "not tested: the proof was ended before it")]
    assert "INTERNALERROR" not in "".join(capfd.readouterr())


def test_a_run_that_breaks_pytest_itself_names_the_file(roles, prove, capfd) -> None:
    roles(
        bad="def test_it(request):\n    request.session._setupstate.stack = None\n",
        web="def test_it_answers(host): pass\n",
    )
    verdict = prove({"box": ["bad", "web"]})["box"]
    assert verdict.failed is not None or verdict.broken
    assert "INTERNALERROR" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("text", "order", "untested"),
    [
        (
            "def pytest_generate_tests(metafunc): metafunc.config.hook.pytest_collection_modifyitems = 0",
            ["web", "bad"],
            ["it answers", "it"],
        ),
        ("def test_that(request): request.session.items[1:] = [None]", ["bad", "web"], ["it", "it answers"]),
        (
            "def test_that(request): request.config.hook.pytest_runtest_makereport = None",
            ["bad", "web"],
            ["that", "it", "it answers"],
        ),
    ],
)
def test_a_proof_that_ends_early_is_told_with_the_file_that_it_ended_in(
    roles, prove, capfd, text, order, untested
) -> None:
    """While the files are read, and while the tests run."""
    roles(bad=f"{text}\ndef test_it(): pass\n", web="def test_it_answers(host): pass\n")
    verdict = prove({"box": order})["box"]
    assert str(verdict.failed) == (
        "bad | verify.py: the proof was ended before all promises were tested\n"
        "hint: does roles/bad/verify.py end pytest?"
    )
    assert [(one.promise, one.error) for one in verdict.broken] == [
        (promise, "not tested: the proof was ended before it") for promise in untested
    ]
    assert "INTERNALERROR" not in "".join(capfd.readouterr())


def test_why_a_test_failed_is_told_by_the_answers_that_it_got(roles, prove, connector) -> None:
    roles(web="def test_it(host): assert host.check_output('echo 1') == '2'\n")
    assert broken(prove({"box": ["web"]}, box=connector)["box"]) == [("web", "it", "expected '2', found '1'")]
    assert connector.asked == [("echo 1",)]


def test_what_ends_a_proof_before_any_file_was_read_names_none() -> None:
    from gpustrap.verify.proof import _ended

    assert str(_ended(None)) == (
        "verify.py: the proof was ended before all promises were tested\nhint: does verify.py end pytest?"
    )


def test_a_fault_of_our_own_is_not_swallowed(roles, prove, connector, tmp_path) -> None:
    roles(web="def test_it(host): pass\n")
    questions.remember(tmp_path / "box.json", ["echo 1"])
    connector.ask = None
    with pytest.raises(TypeError):
        prove({"box": ["web"]}, True, box=connector)


def test_a_test_that_gives_a_value_is_a_fault(roles, prove) -> None:
    roles(web="def test_it(host): return False\n")
    ((_, _, said),) = broken(prove({"box": ["web"]})["box"])
    assert said.startswith("the test returns a value")


def test_what_is_skipped_is_named(roles, prove) -> None:
    roles(
        web="import pytest\ndef test_not_here(host): pytest.skip('nothing was promised')\n",
        db="import pytest\n@pytest.mark.skip\ndef test_never(host): pass\ndef test_not(host): pytest.skip()\n",
        fails=f"""
        import pytest
        @pytest.mark.xfail
        def test_it(host): assert 0
        @pytest.mark.xfail(reason="known: " + {CANARY!r})
        def test_that(host): assert 0
        def test_this(host): pytest.xfail("soon")
        """,
        all="import pytest\npytest.skip('no module', allow_module_level=True)\n",
    )
    masking.remember(CANARY)
    verdict = prove({"box": ["web", "db", "fails", "all"]})["box"]
    assert {(one.role, one.promise, one.why) for one in verdict.skipped} == {
        ("web", "not here", "nothing was promised"),
        ("db", "never", "unconditional skip"),
        ("db", "not", ""),
        ("fails", "it", "xfail"),
        ("fails", "that", "known: ***"),
        ("fails", "this", "soon"),
        ("all", "verify.py", "no module"),
    }


def test_a_test_that_polls_is_answered_anew_and_its_rehearsal_ends(roles, prove, tmp_path) -> None:
    count = tmp_path / "count"
    command = f"echo >>{count}; wc -l <{count}"
    roles(web=f"def test_it(host):\n    while host.run({command!r}).stdout.strip() != '3': pass\n")
    verdict = prove({"box": ["web"]}, replay=True)["box"]
    assert (verdict.passed, verdict.broken) == (1, [])


def test_a_rehearsal_whose_questions_never_repeat_ends_too(roles, prove) -> None:
    roles(
        web="""
        def test_it(host):
            at = 0
            while not host.run(f"echo {at}").stdout: at += 1
        """
    )
    assert prove({"box": ["web"]}, replay=True)["box"].passed == 1


@pytest.mark.parametrize("replay", [False, True])
def test_ctrl_c_gets_out(roles, prove, replay) -> None:
    roles(web="def test_it(host): raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        prove({"box": ["web"]}, replay)


@pytest.mark.parametrize("before", [None, "0"])
def test_the_surroundings_are_left_as_they_were(roles, prove, monkeypatch, before) -> None:
    import os

    name = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
    monkeypatch.delenv(name, raising=False)
    if before:
        monkeypatch.setenv(name, before)
    roles(
        web="import os\ndef test_it(host):\n    assert os.environ['PYTEST_DISABLE_PLUGIN_AUTOLOAD'] == '1'\n    raise KeyboardInterrupt\n"
    )
    with suppress(KeyboardInterrupt):
        prove({"box": ["web"]})
    assert os.environ.get(name) == before


def test_the_first_proof_asks_each_instance_once_and_the_next_one_too(roles, prove, connector, tmp_path) -> None:
    """By a rehearsal, whose findings are thrown away; then by what was remembered."""
    roles(
        web="def test_one(host): assert host.check_output('echo 1') == '1'\ndef test_two(host): assert host.run('true').rc == 0\n"
    )
    for _ in range(2):
        verdict = prove({"box": ["web"]}, replay=True, box=connector)["box"]
        assert (verdict.passed, verdict.broken) == (2, [])
    assert connector.asked == [("echo 1", "true")] * 2
    assert questions.recall(tmp_path / "box.json") == ("echo 1", "true")


def test_what_is_new_since_the_last_proof_is_asked_in_one_exec(roles, prove, connector, tmp_path) -> None:
    roles(web="def test_one(host): assert host.check_output('echo 1') == '1'\n")
    prove({"box": ["web"]}, replay=True, box=connector)
    roles(
        web="""
        def test_one(host): assert host.check_output("echo 1") == "1"
        def test_two(host): assert host.check_output("echo 2") == "2"
        def test_three(host): assert host.check_output("echo 3") == "3"
        """
    )
    verdict = prove({"box": ["web"]}, replay=True, box=connector)["box"]
    assert (verdict.passed, verdict.broken) == (3, [])
    assert connector.asked == [("echo 1",)] * 2 + [("echo 2", "echo 3")]
    assert questions.recall(tmp_path / "box.json") == ("echo 1", "echo 2", "echo 3")


@pytest.mark.parametrize("behind_changes", [False, True])
def test_by_other_settings_what_is_asked_now_is_asked_in_one_exec(
    roles, prove, connector, tmp_path, behind_changes
) -> None:
    from gpustrap.engine.batch import Answer
    from gpustrap.engine.behind import Checked

    questions.remember(tmp_path / "box.json", ["echo of other settings", "echo 1"])
    roles(
        web="""
        def test_one(host): assert host.check_output("echo 1") == "1"
        def test_two(host): assert host.check_output("echo 2") == "2"
        """
    )
    if behind_changes:
        connector.answered = {"echo 1": Answer(0, b"1\n", b"")}
        connector.behind = Checked((), b"")
    verdict = prove({"box": ["web"]}, replay=True, same=False, box=connector)["box"]
    assert (verdict.passed, verdict.broken) == (2, [])
    assert connector.asked[-1] == ("echo 1", "echo 2")
    assert len(connector.asked) == 1 + behind_changes


def test_why_a_promise_is_broken_is_asked_where_each_question_is_answered(roles, prove, connector, tmp_path) -> None:
    """No reason is looked for in a rehearsal, whose answers may be empty ones."""
    roles(
        web="""
        def test_it(host):
            why = "" if host.backend.rehearsing else host.check_output("echo why")
            assert host.check_output("echo 1") == "2", why
        """
    )
    questions.remember(tmp_path / "box.json", ["echo 1"])
    assert broken(prove({"box": ["web"]}, replay=True, box=connector)["box"]) == [("web", "it", "why")]
    assert connector.asked == [("echo 1",), ("echo why",)]


def test_without_replay_each_command_is_asked_when_it_is_needed(roles, prove, connector) -> None:
    roles(web="def test_one(host): host.run('echo 1')\ndef test_two(host): host.run('true')\n")
    prove({"box": ["web"]}, box=connector)
    assert connector.asked == [("echo 1",), ("true",)]


def test_files_of_a_person_beside_the_roles_play_no_part(roles, prove, tmp_path) -> None:
    roles(web="def test_it(host): pass\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    for folder in (tmp_path, tmp_path / "roles", tmp_path / "roles" / "web"):
        (folder / "conftest.py").write_text("raise RuntimeError('a conftest of the project was read')\n")
    verdict = prove({"box": ["web"]})["box"]
    assert (verdict.passed, verdict.broken, verdict.failed) == (1, [], None)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["conftest.py", "pytest.ini", "roles"]


def test_what_testinfra_says_of_an_exit_code_begins_with_the_command(roles, prove) -> None:
    roles(web="def test_it(host): host.check_output('echo why >&2; exit 3')\n")
    ((_, _, error),) = broken(prove({"box": ["web"]})["box"])
    assert error.startswith("`echo why >&2; exit 3` (exit 3: why)")


def test_only_instances_that_have_the_role_are_asked_about_it(roles, prove) -> None:
    roles(web="def test_it(host): host.run('true')\n", db="def test_it(host): host.run('echo db')\n")
    verdicts = prove({"one": ["web"], "two": ["web", "db"], "three": []})
    assert [verdicts[name].passed for name in ("one", "two", "three")] == [1, 2, 0]
    assert all(verdicts[name].broken == [] for name in verdicts)


def test_a_module_of_the_roles_tests_is_made_once_an_instance(roles, prove) -> None:
    roles(
        web="""
        import pytest
        made = []
        @pytest.fixture(scope="module")
        def page(host): made.append(host); return len(made)
        def test_one(page): assert page
        def test_two(page): assert page
        def test_last(page, subject): raise AssertionError(f"{subject.name} {page}")
        """
    )
    verdicts = prove({"one": ["web"], "two": ["web"]})
    assert [broken(verdicts[name])[0][2] for name in ("one", "two")] == ["one 1", "two 2"]


def test_a_second_proof_reads_the_tests_anew(roles, prove, tmp_path) -> None:
    roles(web="def test_it(): assert 0, 'first'\n")
    assert broken(prove({"box": ["web"]})["box"])[0][2] == "first"
    roles(web="def test_it(): assert 0, 'second one'\n")
    assert broken(prove({"box": ["web"]})["box"])[0][2] == "second one"


def test_without_any_test_the_proof_is_empty_and_asks_nobody(prove, connector) -> None:
    verdict = prove({"box": ["none"]}, replay=True, box=connector)["box"]
    assert (verdict.passed, verdict.broken, verdict.failed, connector.asked) == (0, [], None, [])


def test_what_other_plugins_and_marks_say_is_not_printed(roles, prove, capfd) -> None:
    roles(web="def test_it(host): print('noise'); assert 0\n")
    prove({"box": ["web"]})
    assert "test_it" not in "".join(capfd.readouterr())


def test_empty_lines_around_what_a_test_says_are_left_out(roles, prove) -> None:
    roles(web="def test_it(): raise AssertionError('\\n\\n  said so\\n\\n')\n")
    assert broken(prove({"box": ["web"]})["box"]) == [("web", "it", "said so")]
