"""What no verb takes is said in English as typer says it, and in Chinese too; an unquoted ssh command has its own hint."""

from __future__ import annotations

import pytest

from gpustrap import language
from gpustrap.cli import exit
from gpustrap.cli.main import app


@pytest.fixture(autouse=True)
def english_again():
    """`--lang` counts for the process."""
    yield
    language.speak("en")


@pytest.mark.parametrize(
    "words",
    [
        "inspect ssh -p 1 root@h",
        "inspect ssh root@h",
    ],
)
def test_an_unquoted_ssh_command_is_to_be_quoted(words, capsys):
    assert exit.run(app, words.split()) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[1:] == ['hint: an ssh command is one word here: put it in quotes, "ssh -p PORT USER@HOST"']


@pytest.mark.parametrize("verb", ["logs", "restart", "stop"])
def test_a_verb_of_services_that_stands_alone_is_led_to_them(verb, capsys):
    assert exit.run(app, [verb, "web"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"hint: a service's is `gpustrap svc {verb}`"


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        ("up --rolse x", "No such option: --rolse (Possible options: --roles, --verbose)", "没有选项 --rolse（相近的：--roles, --verbose）"),
        ("status --nope", "No such option: --nope", "没有选项 --nope"),
        ("upp", "No such command 'upp'. Did you mean 'up'?", "没有命令 'upp'。是不是 'up'？"),
        ("xyzzy", "No such command 'xyzzy'", "没有命令 'xyzzy'"),
        ("inspect", "Missing argument 'INSTANCE'", "缺少参数 'INSTANCE'"),
        ("plan --limit", "Option '--limit' requires an argument", "选项 '--limit' 后面要有值"),
        ("inspect a b c", "Got unexpected extra arguments: b c", "多出来的参数：b c"),
    ],
)  # fmt: skip
def test_each_sentence_has_its_chinese(words, english, chinese, capsys):
    for tongue, said in (("en", english), ("zh_CN", chinese)):
        assert exit.run(app, ["--lang", tongue, *words.split()]) == 2
        assert capsys.readouterr().err.splitlines()[0] == said
