from __future__ import annotations

import pytest
from typer.main import get_command

from gpustrap.cli.main import app
from gpustrap.cli.narrow import ABOUT_ALL, narrowed

VERBS = [*get_command(app).commands]


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in ABOUT_ALL])
def test_a_run_of_one_verb_is_about_that_verb_alone_and_it_is_the_same(verb) -> None:
    whole, narrow = get_command(app), get_command(narrowed(app, [verb, "x"]))
    assert [*narrow.commands] == [verb] and [*whole.commands] == VERBS
    assert said(narrow.commands[verb], whole) == said(whole.commands[verb], whole)
    assert [one.opts for one in narrow.params] == [one.opts for one in whole.params]


def said(command, parent) -> str:
    with command.context_class(command, info_name="verb", parent=parent.context_class(parent)) as context:
        return command.get_help(context)


@pytest.mark.parametrize("words", [[], ["--help"], ["--help", "up"], ["--debug", "up"], ["upp"], [""], ["reference"]])
def test_words_that_begin_with_no_verb_or_one_that_tells_of_all_have_all_of_them(words) -> None:
    assert narrowed(app, words) is app
