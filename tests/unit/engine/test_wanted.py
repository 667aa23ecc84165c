from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.engine import templates, wanted
from gpustrap.engine.operations.files import ManagedFile, ManagedKeys
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.wanted import WantedFile


@pytest.fixture
def own(tmp_path: Path):
    """A project with one template `t.j2` of this text."""

    def make(text: str) -> str:
        (tmp_path / "templates").mkdir(exist_ok=True)
        (tmp_path / "templates" / "t.j2").write_text(text)
        templates.use_project(tmp_path)
        return "t.j2"

    return make


def test_a_file_is_what_its_template_gives(own) -> None:
    src = own("hello {{ name }}\n")
    (file,) = wanted.files([WantedFile("/f", src, {"name": "you"}, mode="440", block="b", top=True, last=True)])
    assert file == ManagedFile("/f", "hello you\n", "440", "b", True, True)


def test_without_a_template_ours_goes() -> None:
    assert wanted.files([WantedFile("/f", None, block="b"), WantedFile("/k", None, keys="toml", part="p")]) == [
        ManagedFile("/f", None, block="b"),
        ManagedKeys("/k", "toml", {}, "p"),
    ]


@pytest.mark.parametrize(
    ("form", "text", "keys"),
    [
        ("ini", "# c\n[global]\nindex-url = {{ url }}\n[install]\nA_b = 1\n", {"global.index-url": "u", "install.A_b": "1"}),
        ("ini", "registry={{ url }}\naudit=false\n", {"registry": "u", "audit": "false"}),
        ("toml", '[[index]]\nurl = "{{ url }}"\ndefault = true\n[pip]\nx = 1\n', {"index": [{"url": "u", "default": True}], "pip.x": 1}),
        ("yaml", "# c\na:\n  - {{ url }}\nb:\n  c: d\n", {"a": ["u"], "b.c": "d"}),
        ("yaml", "# nothing\n", {}),
    ],
)  # fmt: skip
def test_keys_are_those_that_the_template_gives(own, form, text: str, keys) -> None:
    (file,) = wanted.files([WantedFile("/f", own(text), {"url": "u"}, keys=form, part="p")])
    assert file == ManagedKeys("/f", form, keys, "p")


@pytest.mark.parametrize(("form", "text"), [("ini", "[global\n"), ("toml", "= 1"), ("yaml", "a: [")])
def test_a_template_of_another_form_is_named(own, form, text: str) -> None:
    with pytest.raises(InstanceFailed, match=f"template t.j2 gives no {form}"):
        wanted.files([WantedFile("/f", own(text), keys=form)])


def test_a_template_that_gives_no_form_is_told_in_one_line_with_its_operation(own) -> None:
    with pytest.raises(InstanceFailed) as raised:
        wanted.files([WantedFile("/f", own("a: [\n b: {\n"), keys="yaml")])
    assert raised.value.operation == "t.j2"
    assert raised.value.error.startswith("template t.j2 gives no yaml: ") and "\n" not in raised.value.error


def test_an_error_without_words_is_told_by_its_kind(monkeypatch) -> None:
    def fails(_: str) -> None:
        raise KeyError

    monkeypatch.setattr(wanted, "_READ", {"toml": fails})
    with pytest.raises(InstanceFailed) as raised:
        wanted.keys_of("toml", "", "t.j2")
    assert str(raised.value) == "t.j2: template t.j2 gives no toml: KeyError"


@pytest.mark.parametrize(
    ("form", "text", "keys"),
    [
        ("ini", "a=b:c=d\nx:y = 1\n", {"a": "b:c=d", "x:y": "1"}), ("ini", "[s]\na = 1\na = 2\n", {"s.a": "2"}),
        ("yaml", "a: !!python/name:os.system x\n", None), ("yaml", "a: yes\n", {"a": "yes"}),
    ],
)  # fmt: skip
def test_only_the_equals_sign_parts_and_yaml_makes_plain_data(form: str, text: str, keys) -> None:
    if keys is None:
        with pytest.raises(InstanceFailed):
            wanted.keys_of(form, text, "t.j2")
    else:
        found = wanted.keys_of(form, text, "t.j2")
        assert found == keys and all(type(value) in (str, bool) for value in found.values())
