from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gpustrap.errors import BadInput
from gpustrap.inventory.edit import add_instance, init_project
from gpustrap.inventory.hosts import load_hosts
from gpustrap.inventory.ssh import SshTarget

SSH = "ssh -p 28123 root@i-1.gpushare.com"

COMMENTED = """\
# my boxes

defaults:
    region:   cn      # near
    roles:
    - base            # packages

instances:
    demo: {lab: debian-12,   services: {web: {preset: hello}}}
    # the big one
    big:
        ssh: 'ssh big'
        base:   {packages: [git]}
        # more of big

# the end
"""
COMMENTED_AFTER = """\
        # more of big
    gpushare:
        ssh: ssh -p 28123 root@i-1.gpushare.com

# the end
"""


def hosts_file(project: Path, text: str) -> Path:
    path = project / "inventory" / "hosts.yml"
    path.write_bytes(text.encode())
    return path


def refusal(project: Path, text: str, name: str | None = None) -> str:
    path = project / "inventory" / "hosts.yml"
    before = path.read_bytes()
    with pytest.raises(BadInput) as refused:
        add_instance(project, text, name)
    assert path.read_bytes() == before
    return str(refused.value)


def test_an_added_instance_can_be_loaded(project: Path) -> None:
    hosts_file(project, "defaults: {roles: [base]}\ninstances:\n  demo: {lab: debian-12}\n")
    assert add_instance(project, SSH, "trainer") == "trainer"
    hosts = load_hosts(project)
    assert list(hosts.instances) == ["demo", "trainer"]
    assert hosts.instances["trainer"].ssh == SshTarget("i-1.gpushare.com", 28123, "root")


def test_the_mark_of_utf_8_that_windows_writes_stays(project: Path) -> None:
    before = "\ufeffinstances:\r\n  a:\r\n    ssh: ssh a\r\n"
    path = hosts_file(project, before)
    add_instance(project, "ssh b", "b")
    assert path.read_bytes().decode() == f"{before}  b:\r\n    ssh: ssh b\r\n"


def test_every_other_byte_of_the_file_stays(project: Path) -> None:
    path = hosts_file(project, COMMENTED)
    add_instance(project, SSH, "gpushare")
    after = COMMENTED.replace("        # more of big\n\n# the end\n", COMMENTED_AFTER)
    assert path.read_text() == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "instances:\n  a:\n    ssh: ssh a\n"),
        ("# only this", "# only this\ninstances:\n  a:\n    ssh: ssh a\n"),
        ("defaults: {}\n", "defaults: {}\ninstances:\n  a:\n    ssh: ssh a\n"),
        ("instances:  # none\ndefaults: {}\n", "instances:  # none\n  a:\n    ssh: ssh a\ndefaults: {}\n"),
        ("instances: {}\n", "instances: \n  a:\n    ssh: ssh a\n"),
        ("instances:\n  b: {lab: debian-12}", "instances:\n  b: {lab: debian-12}\n  a:\n    ssh: ssh a\n"),
        (
            "instances:\n  b: {lab: debian-12}\n\n# later\ndefaults: {}\n",
            "instances:\n  b: {lab: debian-12}\n  a:\n    ssh: ssh a\n\n# later\ndefaults: {}\n",
        ),
        (
            "instances:\r\n  b: {lab: debian-12}\r\n",
            "instances:\r\n  b: {lab: debian-12}\r\n  a:\r\n    ssh: ssh a\r\n",
        ),
        (
            "instances:\n  b: &b {lab: debian-12}\n  c: *b\n  d:\n    <<: *b\n",
            "instances:\n  b: &b {lab: debian-12}\n  c: *b\n  d:\n    <<: *b\n  a:\n    ssh: ssh a\n",
        ),
    ],
)
def test_an_instance_comes_after_the_last_one(project: Path, before: str, after: str) -> None:
    path = hosts_file(project, before)
    add_instance(project, "ssh a", "a")
    assert path.read_bytes().decode() == after


@pytest.mark.parametrize(
    ("pasted", "written"),
    [
        ("  ssh root@box\n", "ssh root@box"),
        ("ssh -p 22 \\\n   root@box", "ssh -p 22 root@box"),
        ("ssh -o 'ProxyCommand=a: b #c' box", "\"ssh -o 'ProxyCommand=a: b #c' box\""),
    ],
)
def test_the_pasted_command_is_written_as_it_is(project: Path, pasted: str, written: str) -> None:
    path = hosts_file(project, "")
    add_instance(project, pasted, "a")
    assert path.read_text() == f"instances:\n  a:\n    ssh: {written}\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (SSH, "i-1"),
        ("ssh my-gpu", "my-gpu"),
        ("ssh root@203.0.113.7", "203.0.113.7"),
        ("ssh root@2001:db8::1", "2001-db8--1"),
        ("ssh ::1", "1"),
    ],
)
def test_an_instance_is_named_for_its_host(project: Path, text: str, name: str) -> None:
    hosts_file(project, "")
    assert add_instance(project, text) == name


def test_an_instance_is_named_for_its_provider_with_the_next_free_number(project: Path) -> None:
    hosts_file(project, "")
    providers = {"i-1.gpushare.com": "gpushare"}
    commands = (SSH, "ssh -p 28124 root@i-1.gpushare.com", "ssh me@i-1.gpushare.com", "ssh box")
    assert [add_instance(project, command, provider_of=providers.get) for command in commands] == [
        "gpushare",
        "gpushare-2",
        "gpushare-3",
        "box",
    ]


@pytest.mark.parametrize(
    "again",
    [
        SSH,
        "ssh://root@I-1.GPUShare.com:28123",
        "root@i-1.gpushare.com -p 28123",
        "ssh -o Port=28123 -l root i-1.gpushare.com.",
        "ssh -i key -o Compression=yes -p 28123 root@i-1.gpushare.com",
    ],
)
def test_a_box_that_the_file_has_is_not_added_under_a_second_name(project: Path, again: str) -> None:
    hosts_file(
        project, f"instances:\n  demo: {{lab: debian-12}}\n  old: {{ssh: junk here}}\n  trainer:\n    ssh: {SSH}\n"
    )
    assert refusal(project, again, "second") == (
        "inventory/hosts.yml:5: instances.trainer.ssh: this box is in the file already, as 'trainer'\n"
        "hint: gpustrap up trainer"
    )


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_the_file_keeps_its_mode_and_nothing_is_left_beside_it(project: Path, mode: int) -> None:
    path = hosts_file(project, "")
    path.chmod(mode)
    add_instance(project, "ssh box")
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert list(path.parent.iterdir()) == [path]


def test_a_link_stays_a_link(project: Path) -> None:
    path, target = project / "inventory" / "hosts.yml", project / "elsewhere.yml"
    target.touch()
    path.symlink_to(target)
    add_instance(project, "ssh box")
    assert path.is_symlink()
    assert target.read_text() == "instances:\n  box:\n    ssh: ssh box\n"


@pytest.mark.parametrize(
    ("before", "name", "message"),
    [
        (
            "instances:\n  a: {lab: debian-12}\n",
            "a",
            "inventory/hosts.yml:2: instances.a: there is such an instance already",
        ),
        ("", "a b", "'a b' is no instance's name: expected letters, digits, dots and dashes, as in gpu-1"),
        ("- a\n", "a", "inventory/hosts.yml:1: expected a mapping (key: value)"),
        ("instances: [x]\n", "a", "inventory/hosts.yml:1: instances: expected a mapping (key: value)"),
        (
            "instances:\n  b: {}\n  b: {}\n",
            "a",
            "inventory/hosts.yml:3: instances.b: written twice, first in line 2",
        ),
        (
            "instances: {b: {lab: debian-12}}\n",
            "a",
            "inventory/hosts.yml: instances: no line can be added to this form of YAML\n"
            "hint: write each instance on lines of its own",
        ),
        (
            "{instances: {}}\n",
            "a",
            "inventory/hosts.yml: instances: no line can be added to this form of YAML\n"
            "hint: write each instance on lines of its own",
        ),
    ],
)
def test_what_cannot_be_added_is_refused_and_nothing_written(
    project: Path, before: str, name: str, message: str
) -> None:
    hosts_file(project, before)
    assert refusal(project, "ssh box", name) == message


def test_a_wrong_command_is_refused_and_nothing_written(project: Path) -> None:
    hosts_file(project, "")
    message = "a remote command follows the host\nhint: paste only the part that connects"
    assert refusal(project, "ssh box ls") == message


LINES = st.sampled_from(
    [
        "# c\n",
        "\n",
        "  # c\n",
        "    # c\n",
        "  b: {lab: debian-12}\n",
        "  c:\n    lab: debian-11\n",
        "  d: {lab: debian-11}  # d\n",
    ]
)
ENDS = st.sampled_from(["", "defaults: {region: cn}\n", "# end\ndefaults:\n  region: cn\n"])


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINES, unique=True), ENDS)
def test_any_comments_and_blank_lines_stay(project: Path, lines: list[str], end: str) -> None:
    before = "".join(["instances:\n", *lines, end])
    path = hosts_file(project, before)
    add_instance(project, "ssh a", "a")
    assert path.read_text().replace("  a:\n    ssh: ssh a\n", "") == before


FILES = ["inventory/hosts.yml", "inventory/hosts.py", "deploy.py", ".gitignore"]


@pytest.fixture
def starter(project: Path, tmp_path: Path) -> None:
    """The built-in files that a new project starts with; each holds its own name."""
    folder = tmp_path / "builtin" / "templates" / "init"
    folder.mkdir(parents=True)
    for file in FILES:
        (folder / Path(file).name).write_text(file)


@pytest.mark.usefixtures("starter")
def test_a_new_project_has_every_file_and_folder(tmp_path: Path) -> None:
    new = tmp_path / "new"
    written = init_project(new)
    assert {str(file.relative_to(new)): file.read_text() for file in written} == {file: file for file in FILES}
    folders = sorted(folder.name for folder in new.iterdir() if folder.is_dir())
    assert folders == ["inventory", "roles", "templates"]


@pytest.mark.usefixtures("starter")
def test_a_gitignore_that_is_there_stays(tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    (new / ".gitignore").write_text("mine")
    assert init_project(new) == [new / file for file in FILES[:-1]]
    assert (new / ".gitignore").read_text() == "mine"


@pytest.mark.usefixtures("starter")
def test_a_new_project_never_overwrites(project: Path) -> None:
    for name in ("inventory/hosts.yml", "deploy.py", ".gitignore"):
        (project / name).write_text("mine")
    before = sorted(project.rglob("*"))
    with pytest.raises(BadInput) as refused:
        init_project(project)
    assert str(refused.value) == (
        "inventory/hosts.yml: is there already, and is never overwritten\n"
        "deploy.py: is there already, and is never overwritten"
    )
    assert (sorted(project.rglob("*")), (project / "deploy.py").read_text()) == (before, "mine")


def test_a_folder_that_cannot_be_written_is_named(project: Path) -> None:
    (project / "file").touch()
    with pytest.raises(BadInput) as refused:
        init_project(project / "file")
    assert str(refused.value) == "file: cannot be written: not a directory"
