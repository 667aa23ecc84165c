from __future__ import annotations

import re
from pathlib import Path

import pytest

from gpustrap import content
from gpustrap.language import ENGLISH, LANGUAGES
from gpustrap.reference.messages import LOCALE, catalogs, extracted, translations

ROOT = content.builtin_root()
OTHERS = [language for language in LANGUAGES if language != ENGLISH]
PLACE = re.compile(r"\{[^{}]*\}")


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_places_of_its_message(language):
    wrong = {
        message: text
        for message, text in translations(ROOT, language).items()
        if text and sorted(set(PLACE.findall(message))) != sorted(set(PLACE.findall(text)))
    }
    assert wrong == {}


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated(language):
    known = translations(ROOT, language)
    assert [message for message in extracted(ROOT) if not known.get(message)] == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_as_many_lines_as_its_message(language):
    wrong = {
        message: text
        for message, text in translations(ROOT, language).items()
        if text and message.count("\n") != text.count("\n")
    }
    assert wrong == {}


def test_the_messages_of_a_checkout_are_those_that_its_code_marks(tmp_path: Path):
    code = tmp_path / "src" / "gpustrap"
    code.mkdir(parents=True)
    (code / "a.py").write_text('say(tr("one {name}"\n   " more", name=1))\nHINT = mark("two")\nsay("not this")\n')
    assert extracted(tmp_path) == ["one {name} more", "two"]


def test_where_no_catalogs_are_none_are_made(tmp_path: Path):
    assert catalogs(tmp_path) == {}


def test_a_new_message_waits_for_its_translation_and_one_that_is_gone_leaves(tmp_path: Path):
    (tmp_path / "src" / "gpustrap").mkdir(parents=True)
    (tmp_path / "src" / "gpustrap" / "a.py").write_text('tr("kept")\ntr("new")\n')
    po = tmp_path / LOCALE / "zh_CN" / "LC_MESSAGES" / "gpustrap.po"
    po.parent.mkdir(parents=True)
    po.write_text('msgid "kept"\nmsgstr "留"\n\nmsgid "gone"\nmsgstr "去"\n')
    made = catalogs(tmp_path)
    po.write_bytes(made[str(po.relative_to(tmp_path))])
    assert translations(tmp_path, "zh_CN") == {"kept": "留", "new": ""}
    assert 'msgid "new"' in made[str(LOCALE / "gpustrap.pot")].decode()
