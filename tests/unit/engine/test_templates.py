from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from gpustrap import content
from gpustrap.engine import templates
from gpustrap.engine.templates import render, template
from gpustrap.errors import InstanceFailed

PASSES = "\nhint: a template gets only what its role's tasks.py passes to it"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], None]:
    """Write a template of a project whose templates come first."""
    templates.use_project(tmp_path)

    def one(name: str, text: str | bytes) -> None:
        place = tmp_path / "templates" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())

    return one


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\nb\n{{ colour }}\n", "my/x.j2: template my/x.j2:3: 'colour' is undefined" + PASSES),
        ("{% if colour %}x{% endif %}", "my/x.j2: template my/x.j2:1: 'colour' is undefined" + PASSES),
        ("{{ name.first }}", "my/x.j2: template my/x.j2:1: 'str object' has no attribute 'first'" + PASSES),
        (
            "\n{% for x in y %}",
            "my/x.j2: template my/x.j2:2: Unexpected end of template. Jinja was looking for the following tags: "
            "'endfor' or 'else'. The innermost block that needs to be closed is 'for'.",
        ),
        ("{{ name | shout }}", "my/x.j2: template my/x.j2:1: No filter named 'shout'."),
        ("\n{{ 1 / 0 }}", "my/x.j2: template my/x.j2:2: division by zero"),
        ("{{ name + 1 }}", """my/x.j2: template my/x.j2:1: can only concatenate str (not "int") to str"""),
        ("{% include 'my/none.j2' %}", "my/x.j2: template my/none.j2 does not exist"),
        ("\n\n{% include 'my/part.j2' %}", "my/x.j2: template my/part.j2:2: 'hue' is undefined" + PASSES),
        ("{% include 'my/bad.j2' %}", "my/x.j2: template my/bad.j2:2: Encountered unknown tag 'fi'."),
        (b"\xff\xfe", "my/x.j2: template my/x.j2 is not UTF-8 text"),
    ],
)
def test_a_template_that_cannot_be_rendered_is_named_with_its_line(write, text: str | bytes, message: str) -> None:
    write("my/part.j2", "one\n{{ hue }}\n")
    write("my/bad.j2", "one\n{% fi %}\n")
    write("my/x.j2", text)
    with pytest.raises(InstanceFailed) as refused:
        render("my/x.j2", {"name": "x"})
    assert str(refused.value) == message


def test_a_template_that_is_not_there_is_named() -> None:
    with pytest.raises(InstanceFailed) as refused:
        template("my/none.j2", "/f")
    assert str(refused.value) == "my/none.j2: template my/none.j2 does not exist"


def test_a_project_overrides_one_template_and_leaves_the_others(write) -> None:
    write("mirrors/npmrc.j2", "mine {{ registry }}\n")
    assert render("mirrors/npmrc.j2", {"registry": "r"}) == "mine r\n"
    assert render("git-include.j2", {"path": "/p"}) == "[include]\n\tpath = /p\n"


@dataclass(frozen=True)
class Login:
    user: str
    password: SecretStr | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        return self.user.upper()


@pytest.mark.parametrize(
    "values",
    [
        {"x": SecretStr("pw")},
        {"x": {"y": SecretStr("pw")}},
        {"x": [("a", SecretStr("pw"))]},
        {"x": Login("me", SecretStr("pw"))},
        {"x": [Login("me", more={"deep": (SecretStr("pw"),)})]},
    ],
    ids=["itself", "mapping", "list", "dataclass", "deep"],
)
def test_a_secret_anywhere_among_the_values_makes_a_secret_file(write, values: Mapping[str, Any]) -> None:
    write("x.j2", "{{ x }}")
    wanted = template("x.j2", "/f", mode="644", **values)
    assert isinstance(wanted.content, SecretStr) and wanted.octal == "600"
    assert "pw" in wanted.text and "**" not in wanted.text
    assert "pw" not in repr(wanted)


def test_without_a_secret_the_file_has_its_own_mode(write) -> None:
    write("x.j2", "{{ x.shown }}")
    wanted = template("x.j2", "/f", mode="755", x=Login("me"))
    assert (wanted.content, wanted.octal) == ("ME", "755")


def test_a_secret_in_a_file_of_others_is_refused(write) -> None:
    write("x.j2", "{{ x }}")
    with pytest.raises(InstanceFailed) as refused:
        template("x.j2", "/root/.npmrc", block="mine", x=SecretStr("pw"))
    assert str(refused.value) == (
        "x.j2: template x.j2: a secret needs a file of its own, and /root/.npmrc belongs to others"
        "\nhint: leave block out, and let the block include that file"
    )


def test_nothing_decided_takes_the_file_away() -> None:
    wanted = template("mirrors/npmrc.j2", "/f", when=None, block="b", registry="r")
    assert (wanted.dest, wanted.content, wanted.block) == ("/f", None, "b")
    assert template("mirrors/npmrc.j2", "/f", when="r", registry="r").content == "registry=r\n"


def test_every_builtin_template_has_valid_syntax() -> None:
    environment = templates._environment()
    names = environment.list_templates(filter_func=lambda name: name.endswith(".j2"))
    assert len(names) > 10
    for name in names:
        environment.get_template(name)


def test_templates_change_with_the_project(write, tmp_path: Path) -> None:
    write("git-include.j2", "mine\n")
    assert render("git-include.j2", {}) == "mine\n"
    templates.use_project(content.builtin_root())
    assert render("git-include.j2", {"path": "/p"}) == "[include]\n\tpath = /p\n"


def test_a_mistake_in_an_included_template_is_named_with_its_line(write) -> None:
    write("outer.j2", "one\n{% include 'inner.j2' %}\n")
    write("inner.j2", "one\ntwo\n{% if %}\n")
    with pytest.raises(InstanceFailed) as refused:
        render("outer.j2", {})
    assert refused.value.error.startswith("template inner.j2:3: ") and refused.value.operation == "outer.j2"


@dataclass(frozen=True)
class Derived:
    word: str
    upper: str = field(init=False, default="")

    def __post_init__(self) -> None:
        object.__setattr__(self, "upper", self.word.upper())


def test_a_value_with_a_derived_field_and_a_class_are_given_as_they_are(write) -> None:
    write("x.j2", "{{ x.upper }} {{ kind.__name__ }}")
    assert render("x.j2", {"x": Derived("a"), "kind": Derived}) == "A Derived"
