from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gpustrap import content


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a role of its own, one overridden verify.py and one overridden template."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    loaded = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "roles"}
    for name in loaded:
        monkeypatch.delitem(sys.modules, name)
    for name, text in {
        "roles/mine/tasks.py": "",
        "roles/mine/settings.py": "COLOUR = 'red'\n",
        "roles/base/verify.py": "",
        "roles/notes/readme.md": "",
        "templates/git-include.j2": "mine\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_builtin_content_is_there() -> None:
    root = content.builtin_root()
    assert (root / "roles" / "base" / "tasks.py").is_file() and (root / "templates" / "git-include.j2").is_file()


def test_the_projects_roles_stand_beside_the_builtin_ones(project: Path) -> None:
    names = content.role_names(project)
    assert {"mine", "base", "mirrors"} <= set(names) and "notes" not in names
    assert list(names) == sorted(names)


def test_a_project_adds_roles_and_the_rest_of_an_overridden_one_stays(project: Path) -> None:
    content.use_project(project)
    assert content.role_module("mine", "settings").COLOUR == "red"
    assert Path(content.role_module("base", "settings").__file__ or "").is_relative_to(content.builtin_root())


def test_the_project_comes_first_however_often_it_is_used(project: Path) -> None:
    content.use_project(project)
    content.use_project(project)
    assert sys.path[:2] == [str(project), str(content.builtin_root())]
    assert sys.path.count(str(project)) == sys.path.count(str(content.builtin_root())) == 1


def test_the_builtin_project_stands_once(project: Path) -> None:
    content.use_project(content.builtin_root())
    assert sys.path[0] == str(content.builtin_root()) and sys.path[1] != str(content.builtin_root())


@pytest.mark.parametrize(
    ("role", "whose"), [("base", "project"), ("mirrors", "builtin"), ("mine", None), ("none", None)]
)
def test_whose_verify_counts(project: Path, role: str, whose: str | None) -> None:
    roots = {"project": project, "builtin": content.builtin_root()}
    found = content.verify_file(project, role)
    assert found == (None if whose is None else roots[whose] / "roles" / role / "verify.py")


def test_templates_come_from_the_project_then_from_the_builtin_ones(project: Path) -> None:
    environment = content.template_environment(project)
    assert environment.get_template("git-include.j2").render() == "mine\n"
    assert environment.get_template("mirrors/npmrc.j2").render(registry="r") == "registry=r\n"


def test_the_code_of_a_role_is_told_from_what_it_was(project: Path) -> None:
    digests = [content.code_digest(project, roles) for roles in (("mine",), ("mine", "base"), ("base",))]
    (project / "roles/mine/verify.py").write_text("")
    digests.append(content.code_digest(project, ("mine",)))
    (project / "roles/mine/more").mkdir()
    (project / "roles/mine/more/deep.py").write_text("")
    digests.append(content.code_digest(project, ("mine",)))
    (project / "roles/common.py").write_text("")
    digests.append(content.code_digest(project, ("mine",)))
    assert len(set(digests)) == len(digests)
    (project / "roles/mine/words.txt").write_text("")
    (project / "roles/other").mkdir()
    (project / "roles/other/verify.py").write_text("")
    assert content.code_digest(project, ("mine",)) == digests[-1]
