"""A mistake in the form of one's own role is a sentence with file and line, before anything is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.inventory.own_roles import faults_of_role

FORM = "hint: the form is @deploy('motd') above def motd(chosen)"
GOOD = {
    "tasks": "from pyinfra.api import deploy\n\n\n@deploy('motd')\ndef motd(chosen):\n    pass\n",
    "settings": "from pydantic import BaseModel\n\n\nclass Settings(BaseModel):\n    text: str = ''\n",
}


def faults(folder: Path, **files: str) -> list[str]:
    for part, text in {**GOOD, **files}.items():
        path = folder / "roles" / "motd" / f"{part}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [str(fault) for fault in faults_of_role(folder, "motd")]


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("part", "text", "said"),
    [
        ("tasks", "\n\ndef mtod(chosen):\n    pass\n", f"3: no function 'motd'; 'mtod' is another name\n{FORM}"),
        ("tasks", "def run(chosen):\n    pass\n", f"1: no function 'motd'; 'run' is another name\n{FORM}"),
        ("tasks", "", f" no function 'motd'\n{FORM}"),
        ("tasks", "# one\ndef motd(chosen):\n    pass\n", f"2: function 'motd' lacks @deploy('motd') from pyinfra.api\n{FORM}"),
        ("tasks", "@deploy('motd')\ndef motd():\n    pass\n", f"2: function 'motd' takes no argument, and is given what was decided\n{FORM}"),
        ("tasks", "x = 1\ndef motd(chosen)\n    pass\n", "2: not Python: expected ':'"),
        ("settings", "class Setting(BaseModel):\n    pass\n", "1: no class 'Settings'; 'Setting' is another name\nhint: a role's settings are a pydantic model called Settings"),
        ("settings", "class Settings:\n    pass\n", "1: class Settings is no pydantic model\nhint: from pydantic import BaseModel; class Settings(BaseModel)"),
        ("settings", "class Settings(BaseModel)\n    pass\n", "1: not Python: expected ':'"),
        ("resolve", "def chose(settings, survey, context):\n    pass\n", "1: no function 'choose'; 'chose' is another name\nhint: the form is def choose(settings, survey, context)"),
        ("resolve", "def choose(settings, survey):\n    pass\n", "1: function 'choose' takes 2 arguments, and is given three\nhint: the form is def choose(settings, survey, context)"),
        ("resolve", "def choose(a, b, c, d):\n    pass\n", "1: function 'choose' takes 4 arguments, and is given three\nhint: the form is def choose(settings, survey, context)"),
        ("resolve", "def choose(a, b, c, *, d):\n    pass\n", "1: function 'choose' takes 4 arguments, and is given three\nhint: the form is def choose(settings, survey, context)"),
        ("verify", "def test_it(host:\n", "1: not Python: '(' was never closed"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(here, part, text, said):
    assert faults(here, **{part: text}) == [f"roles/motd/{part}.py:{said}"]


@pytest.mark.parametrize(
    "tasks",
    [
        GOOD["tasks"],
        "from elsewhere import motd\n",
        "from elsewhere import anything as motd\n",
        "from elsewhere import *\n",
        "def made():\n    pass\nmotd = made()\n",
        "try:\n    from a import motd\nexcept ImportError:\n    motd = None\n",
        "import functools\n@functools.wraps(str)\ndef motd(*all):\n    pass\n",
    ],
)
def test_every_way_to_define_it_is_one(here, tasks):
    assert faults(here, tasks=tasks) == []


@pytest.mark.parametrize(("name", "hint"), [("my-role", "my_role"), ("my role", "my_role"), ("1st", None)])
def test_a_folder_that_is_no_python_name_is_told(here, name, hint):
    (here / "roles" / name).mkdir(parents=True)
    said = f"roles/{name}: a role's name has letters, digits and underscores only, got '{name}'"
    assert [str(fault) for fault in faults_of_role(here, name)] == [said + (f"\nhint: call it {hint}" if hint else "")]


def test_a_word_of_python_is_no_roles_name(here):
    (here / "roles" / "class").mkdir(parents=True)
    assert [str(fault) for fault in faults_of_role(here, "class")] == [
        "roles/class: 'class' is a word of Python's own, which no role can be called\nhint: call it class_role"
    ]


@pytest.mark.parametrize("form", ["*all", "a, *rest", "a, b, c, d=1", "a, b, /, c", "a, b, c, *, d=1"])
def test_a_resolver_may_take_its_three_arguments_in_any_form(here, form):
    assert faults(here, resolve=f"def choose({form}):\n    pass\n") == []


def test_a_role_without_settings_is_told(here):
    faults(here)
    (here / "roles" / "motd" / "settings.py").unlink()
    assert [str(fault) for fault in faults_of_role(here, "motd")] == [
        "roles/motd: the role has no settings.py\nhint: a role without settings has: class Settings(BaseModel): pass"
    ]


def test_what_is_built_in_and_a_part_of_it_that_is_replaced_are_no_fault(here):
    assert faults_of_role(here, "base") == []
    (here / "roles" / "base").mkdir(parents=True)
    (here / "roles" / "base" / "verify.py").write_text("def test_nothing():\n    pass\n")
    assert faults_of_role(here, "base") == []
