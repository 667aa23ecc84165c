from __future__ import annotations

import base64
import hashlib
import io
import shlex
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from gpustrap import language
from gpustrap.engine.facts import files as files_fact
from gpustrap.engine.facts.files import FileState, FileStates
from gpustrap.engine.operations import files
from gpustrap.engine.operations.files import Change, ManagedFile, ManagedKeys, change, difference
from gpustrap.engine.scripts import clean, script
from gpustrap.errors import InstanceFailed

CANARY = "hunter2-canary"
PLACES = [
    "/etc/plain",
    "/etc/with space",
    "/etc/it's",
    '/etc/a"b',
    "/etc/$(id)",
    "/etc/new\nline",
    "/-rf",
    "/etc/*",
    "/etc/back\\slash",
    "/etc/tab\ttab",
]


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


BACK = "goes; what stood there before, if anything, comes back"


def members(archive: str) -> dict[str, bytes]:
    """What an archive holds, and that nothing in it could be read by others while it is unpacked."""
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(archive)), mode="r:gz") as tar:
        assert {member.mode for member in tar} == {0o600}
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


OURS = "# gpustrap x begin\nold\n# gpustrap x end\n"


@pytest.mark.parametrize(
    ("file", "state", "follows"),
    [
        (ManagedFile("/f", "a"), FileState("absent"), False),
        (ManagedFile("/f", "a"), FileState("file", "644", sha(b"of others"), ours=False), False),
        (ManagedFile("/f", "a"), FileState("file", "644", sha(b"old"), ours=True), True),
        (ManagedFile("/f", None), FileState("file", "644", sha(b"old"), ours=True), True),
        (ManagedFile("/f", "a", block="x"), FileState("file", "644"), False),
        (ManagedFile("/f", "a", block="x"), FileState("file", "644", sha(OURS.encode())), True),
        (ManagedFile("/f", None, block="x"), FileState("file", "644", sha(OURS.encode())), True),
    ],
)
def test_a_login_that_has_what_is_replaced_runs_nothing_that_follows(monkeypatch, file, state, follows) -> None:
    connector = SimpleNamespace(new_login_follows=False)
    same = FileState("file", "644", sha(b"same\n"), ours=True)
    host = SimpleNamespace(connector=connector, get_fact=lambda *_, **__: {"/f": state, "/same": same})
    told = (
        ("host", host),
        ("note", lambda _: None),
        ("role_in_turn", lambda: "mirrors"),
        ("shows_lines", lambda: False),
    )
    for name, value in told:
        monkeypatch.setattr(files, name, value)
    wanted = [ManagedFile("/same", "same"), file]
    assert len([*files.managed._inner(files=wanted)]) == 1
    assert connector.new_login_follows is False
    assert len([*files.managed._inner(files=wanted, of_logins=True)]) == 1
    assert connector.new_login_follows is follows


@pytest.mark.parametrize(
    ("shows", "texts", "lines"),
    [(True, ["/f", "/keys"], ["--- /f\n+++ /f\n@@ -0,0 +1 @@\n+a"]), (False, ["/keys"], [])],
)
def test_texts_are_asked_and_lines_shown_where_a_person_wants_to_see_them(monkeypatch, shows, texts, lines) -> None:
    """Of keys the text is always asked, and nothing of a secret is shown."""
    hidden = ManagedKeys("/keys", "ini", {"a.b": SecretStr(CANARY)})
    wanted = [ManagedFile("/f", "a"), ManagedFile("/secret", SecretStr(CANARY)), hidden]
    asked: dict[str, Any] = {}
    states = {file.dest: FileState("absent") for file in wanted}
    host = SimpleNamespace(get_fact=lambda _, **arguments: asked.update(arguments) or states)
    noted: list[str] = []
    told = {"host": host, "note": noted.append, "role_in_turn": lambda: "x", "shows_lines": lambda: shows}
    for name, value in told.items():
        monkeypatch.setattr(files, name, value)
    assert len([*files.managed._inner(files=wanted)]) == 1
    assert asked == {"wanted": [("/f", ""), ("/secret", ""), ("/keys", "")], "texts": texts}
    assert noted == ["/f: created", *lines, "/secret: created", "/keys: a.b set"]


@pytest.mark.parametrize(
    ("wanted", "state", "why"),
    [
        (ManagedFile("/f", "a"), None, "created"),
        (ManagedFile("/f", "a"), FileState("absent"), "created"),
        (ManagedFile("/f", "a"), FileState("file", "644", sha(b"a\n")), None),
        (ManagedFile("/f", "a\n"), FileState("file", "644", sha(b"a\n")), None),
        (ManagedFile("/f", ""), FileState("file", "644", sha(b"")), None),
        (ManagedFile("/f", "a"), FileState("file", "644", sha(b"b\n")), "content"),
        (ManagedFile("/f", "a"), FileState("file", "600", sha(b"a\n")), "mode 600 → 644"),
        (ManagedFile("/f", "a", "755"), FileState("file", "644", sha(b"a\n")), "mode 644 → 755"),
        (ManagedFile("/f", SecretStr("a"), "644"), FileState("file", "644", sha(b"a\n")), "mode 644 → 600"),
        (ManagedFile("/f", SecretStr("a")), FileState("file", "600", sha(b"a\n")), None),
        (ManagedFile("/f", "a"), FileState("dir"), "content"),
        (ManagedFile("/f", "a", block="x"), FileState("absent"), "created"),
        (ManagedFile("/f", "a", block="x"), FileState("file", "600"), "block written"),
        (
            ManagedFile("/f", "a", block="x"),
            FileState("file", "600", sha(b"# gpustrap x begin\na\n# gpustrap x end\n")),
            None,
        ),
        (
            ManagedFile("/f", "a", block="x", last=True),
            FileState("file", "600", sha(b"# gpustrap x begin\na\n# gpustrap x end\n")),
            "block moved to the end",
        ),
        (ManagedFile("/f", None), FileState("absent"), None),
        (ManagedFile("/f", None), FileState("file", "644", sha(b"a\n")), None),
        (ManagedFile("/f", None), FileState("file", "644", sha(b"a\n"), ours=True), BACK),
        (
            ManagedFile("/f", None),
            FileState("absent", ours=True),
            "is gone already; what stood there before, if anything, comes back",
        ),
        (ManagedFile("/f", None, block="x"), FileState("file", "644", None, ours=True), None),
        (ManagedFile("/f", None, block="x"), FileState("file", "644", sha(b"x")), "block goes"),
    ],
)
def test_only_what_differs_is_done_and_said(wanted: ManagedFile, state: FileState | None, why: str | None) -> None:
    assert difference(wanted, state) == why


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (ManagedFile("/f", "a", "755"), ["put", "3", "755", "{}"]),
        (ManagedFile("/f", SecretStr("a"), "644"), ["put", "3", "600", "{}"]),
        (ManagedFile("/f", "a", block="x"), ["block", "3", "x", "end", "{}"]),
        (ManagedFile("/f", "a", block="x", top=True), ["block", "3", "x", "top", "{}"]),
        (ManagedFile("/f", None), ["gone", "{}"]),
        (ManagedFile("/f", None, block="x"), ["unblock", "x", "{}"]),
    ],
)
@pytest.mark.parametrize("place", PLACES)
def test_a_step_names_its_path_whatever_is_in_it(wanted: ManagedFile, words: list[str], place: str) -> None:
    file = ManagedFile(place, wanted.content, wanted.mode, wanted.block, wanted.top)
    step = shlex.join(files._step(file, "3"))
    printed = subprocess.run(["sh"], input=f"""for w in {step}; do printf '%s\\0' "$w"; done""", text=True, stdout=-1)
    assert printed.stdout.split("\0")[:-1] == [word.format(place) for word in words]


def test_a_secret_is_in_no_text_of_its_file() -> None:
    wanted = ManagedFile("/f", SecretStr(CANARY))
    assert CANARY not in f"{wanted!r} {wanted} {files._RECEIVE} {files._step(wanted, '0')}"
    assert CANARY not in str(difference(wanted, None)) + str(difference(wanted, FileState("file", "644", "0")))
    archive = archive_of([wanted])
    assert CANARY not in archive
    assert members(archive)["0"] == f"{CANARY}\n".encode()


def test_only_contents_travel_that_are_to_be_written() -> None:
    archive = members(archive_of([ManagedFile("/a", None), ManagedFile("/b", "é"), ManagedFile("/c", "x", block="y")]))
    assert archive.keys() == {"apply", "1", "2"}
    assert archive["1"] == "é\n".encode()


Apply = Callable[..., None]


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for an instance: gpustrap's own state lies in it too."""
    state = str(tmp_path / "state")
    monkeypatch.setattr(files, "_RECEIVE", clean("files-receive", state=state))
    monkeypatch.setattr(files, "STATE_DIR", state)
    monkeypatch.setattr(files_fact, "STATE_DIR", state)
    return tmp_path


def archive_of(wanted: Sequence[ManagedFile]) -> str:
    """The archive that writes all of them, whatever stands there."""
    steps = [(file, str(at)) for at, file in enumerate(wanted)]
    return files._archive([Change("", files._step(file, at), files._members(file, at)) for file, at in steps])


def apply(wanted: Sequence[ManagedFile], umask: int = 0o022) -> None:
    done = subprocess.run(
        ["sh", "-c", files._RECEIVE],
        input=archive_of(wanted),
        text=True,
        capture_output=True,
        umask=umask,
    )
    assert (done.returncode, done.stderr) == (0, "")


def states(box: Path, wanted: Sequence[ManagedFile]) -> dict[str, FileState]:
    command = FileStates().command([(file.dest, file.block) for file in wanted])
    done = subprocess.run(["sh", "-c", command], text=True, capture_output=True, check=True)
    assert done.stderr == ""
    return FileStates().process(done.stdout.splitlines())


def differences(box: Path, wanted: Sequence[ManagedFile]) -> list[str | None]:
    found = states(box, wanted)
    return [difference(file, found[file.dest]) for file in wanted]


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=30)
ORIGINAL = st.one_of(st.none(), st.binary(max_size=40))
once = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(text=TEXT, original=ORIGINAL, secret=st.booleans())
@once
def test_a_file_written_is_as_wanted_and_taken_away_is_as_it_was(
    box: Path, text: str, original: bytes | None, secret: bool
) -> None:
    place = box / "some folder" / "f"
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    if original is not None:
        place.write_bytes(original)
        place.chmod(0o640)
    wanted = [ManagedFile(str(place), SecretStr(text) if secret else text)]
    apply(wanted)
    assert place.read_bytes() == wanted[0].data
    assert differences(box, wanted) == [None]
    apply([ManagedFile(str(place), None)])
    assert (place.read_bytes() if place.exists() else None) == original
    if original is not None:
        assert place.stat().st_mode & 0o777 == 0o640
    assert differences(box, [ManagedFile(str(place), None)]) == [None]


LINES = st.lists(st.sampled_from(["", "a", "b c", "# end", "export X='1'", "\\n", "é"]), max_size=4)


@given(content=LINES, before=LINES, newline=st.booleans(), top=st.booleans())
@once
def test_a_block_written_is_as_wanted_and_taken_away_leaves_the_rest(
    box: Path, content: list[str], before: list[str], newline: bool, top: bool
) -> None:
    place = box / "rc"
    original = ("\n".join(before) + ("\n" if newline and before else "")).encode()
    place.write_bytes(original)
    wanted = [ManagedFile(str(place), "\n".join(content), block="x", top=top)]
    apply(wanted)
    assert differences(box, wanted) == [None]
    changed = [ManagedFile(str(place), "\n".join([*content, "more"]), block="x", top=top)]
    apply(changed)
    assert differences(box, changed) == [None]
    apply([ManagedFile(str(place), None, block="x")])
    assert place.read_bytes() == original


@pytest.mark.parametrize("name", ["with space", "it's", 'a"b', "$(id)", "-rf", "*", "a\\b", "&;|", "é"])
def test_a_hostile_name_is_only_a_name(box: Path, name: str) -> None:
    wanted = [ManagedFile(str(box / "d" / name), "x")]
    apply(wanted)
    assert [path.name for path in (box / "d").iterdir()] == [name]
    assert differences(box, wanted) == [None]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_modes_do_not_depend_on_the_umask(box: Path, umask: int) -> None:
    wanted = [
        ManagedFile(str(box / "d" / "s"), SecretStr("x")),
        ManagedFile(str(box / "d" / "p"), "x"),
        ManagedFile(str(box / "d" / "x"), "x", "755"),
    ]
    apply(wanted, umask)
    assert [oct(Path(file.dest).stat().st_mode & 0o777) for file in wanted] == ["0o600", "0o644", "0o755"]
    assert (box / "state" / "kept").stat().st_mode & 0o077 == 0


def test_a_file_at_the_root_needs_no_folder(box: Path) -> None:
    """`${1%/*}` of /f is empty, which mkdir refuses."""
    common = clean("files-common", state=str(box / "state")) + script("files-apply", d=str(box / "none"))
    done = subprocess.run(
        ["sh", "-c", f"{common}begin /gpustrap-test-f; p=; echo made"], text=True, capture_output=True
    )
    assert (done.stdout, done.stderr) == ("made\n", "")


def test_a_link_stays_and_its_file_is_written(box: Path) -> None:
    real = box / "real"
    real.write_text("old\n")
    (box / "link").symlink_to(real)
    apply([ManagedFile(str(box / "link"), "new")])
    assert ((box / "link").is_symlink(), real.read_text()) == (True, "new\n")
    apply([ManagedFile(str(box / "link"), None)])
    assert ((box / "link").is_symlink(), real.read_text()) == (True, "old\n")


def test_the_original_is_kept_from_the_first_write_only(box: Path) -> None:
    place = box / "f"
    place.write_text("original\n")
    apply([ManagedFile(str(place), "one")])
    place.write_text("drifted\n")
    apply([ManagedFile(str(place), "two")])
    apply([ManagedFile(str(place), None)])
    assert place.read_text() == "original\n"


def test_a_block_that_stands_twice_is_put_right(box: Path) -> None:
    place = box / "rc"
    block = "# gpustrap x begin\nold\n# gpustrap x end\n"
    place.write_text(f"{block}mine\n{block}")
    wanted = [ManagedFile(str(place), "new", block="x")]
    apply(wanted)
    assert differences(box, wanted) == [None]
    apply([ManagedFile(str(place), None, block="x")])
    assert place.read_text() == "mine\n"


def test_a_block_without_its_end_takes_nothing_with_it(box: Path) -> None:
    place = box / "rc"
    place.write_text("before\n# gpustrap x begin\nmine\nmine too\n")
    wanted = [ManagedFile(str(place), "new", block="x")]
    apply(wanted)
    assert differences(box, wanted) == [None]
    apply([ManagedFile(str(place), None, block="x")])
    assert place.read_text() == "before\nmine\nmine too\n"


def test_what_was_written_below_a_block_stays(box: Path) -> None:
    place = box / "rc"
    place.write_text("before")
    apply([ManagedFile(str(place), "x", block="x")])
    with place.open("a") as file:
        file.write("later\n")
    apply([ManagedFile(str(place), "y", block="x")])
    apply([ManagedFile(str(place), None, block="x")])
    assert place.read_text() == "before\nlater\n"


def test_two_blocks_of_one_file_do_not_touch_each_other(box: Path) -> None:
    one, two = ManagedFile(str(box / "rc"), "1", block="a"), ManagedFile(str(box / "rc"), "2", block="a-b")
    apply([one])
    apply([two])
    assert (differences(box, [one]), differences(box, [two])) == ([None], [None])
    apply([ManagedFile(str(box / "rc"), None, block="a")])
    assert differences(box, [two]) == [None]


TEXTS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\0"), max_size=5), max_size=4)


@given(
    lines=TEXTS,
    end=st.sampled_from(["\n", "\r\n"]),
    closed=st.booleans(),
    tops=st.lists(st.sampled_from(["top", "end", "last"]), min_size=1, max_size=4),
    data=st.data(),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_blocks_of_many_roles_leave_a_file_byte_for_byte_in_whatever_order_they_go(
    box: Path, lines: list[str], end: str, closed: bool, tops: list[str], data: Any
) -> None:
    path = box / "environment"
    before = (end.join(lines) + (end if closed and lines else "")).encode()
    path.write_bytes(before)
    blocks = [
        ManagedFile(str(path), f"{at}\n", block=f"r{at}", top=where == "top", last=where == "last")
        for at, where in enumerate(tops)
    ]
    for one in data.draw(st.permutations(blocks)):
        apply([one])
    for one in data.draw(st.permutations(blocks)):
        apply([replace(one, content=None)])
    assert path.read_bytes() == before


@pytest.mark.parametrize("block", ["", "x"])
def test_folders_that_were_made_for_a_file_go_with_it_and_no_others(box: Path, block: str) -> None:
    (box / "there").mkdir()
    paths = [box / "there" / name for name in ("a/b/one", "a/two")]
    files = [ManagedFile(str(path), "x\n", block=block) for path in paths]
    apply(files)
    apply([replace(files[0], content=None)])
    assert (paths[0].parent.exists(), paths[1].exists()) == (False, True)
    apply([files[0]])
    (box / "there" / "a" / "own").write_text("a person's")
    apply([replace(file, content=None) for file in files])
    assert [path.name for path in (box / "there" / "a").iterdir()] == ["own"]
    (box / "there" / "a" / "own").unlink()
    apply([files[1]])
    apply([replace(files[1], content=None)])
    assert list((box / "there").iterdir()) == []


def test_a_folder_in_the_place_of_a_file_is_named_and_left(box: Path) -> None:
    (box / "f").mkdir()
    (box / "f" / "inside").touch()
    done = subprocess.run(
        ["sh", "-c", files._RECEIVE],
        input=archive_of([ManagedFile(str(box / "f"), "x")]),
        text=True,
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (1, f"{box / 'f'} is a directory\n")
    assert (box / "f" / "inside").exists()


def test_nothing_half_written_stays_where_a_write_fails(box: Path) -> None:
    """The second of two files cannot be written: the first stands, nothing else does."""
    (box / "d").mkdir()
    (box / "file").touch()
    wanted = [ManagedFile(str(box / "d" / "a"), "x"), ManagedFile(str(box / "file" / "b"), "x")]
    done = subprocess.run(["sh", "-c", files._RECEIVE], input=archive_of(wanted), text=True, capture_output=True)
    assert done.returncode != 0
    assert [path.name for path in (box / "d").iterdir()] == ["a"]
    assert [path.name for path in (box / "state").iterdir()] == ["kept"]


@pytest.mark.parametrize("cut", [0, 1, 100, 0.5, -1, -4, -8, -9, -12])
def test_an_archive_cut_on_the_way_changes_nothing(box: Path, cut: float) -> None:
    """Also one that lacks no more than its checksum, in the last 8 bytes."""
    sent = base64.b64decode(archive_of([ManagedFile(str(box / "f"), "x" * 1000)]))
    text = base64.encodebytes(sent[: int(len(sent) * cut) if cut == 0.5 else int(cut)]).decode()
    done = subprocess.run(["sh", "-c", files._RECEIVE], input=text, text=True, capture_output=True)
    assert (done.returncode != 0, (box / "f").exists(), list((box / "state").iterdir())) == (True, False, [])
    assert done.stderr.splitlines()[-1].startswith("what was sent did not arrive whole: a start-up file")


def test_a_file_whose_original_cannot_be_kept_is_not_written(box: Path) -> None:
    place = box / "f"
    place.write_text("theirs\n")
    kept = Path(f"{box}/state/kept/original{place}.new")
    kept.parent.mkdir(parents=True)
    kept.symlink_to("/dev/full")
    archive = archive_of([ManagedFile(str(place), "ours")])
    done = subprocess.run(["sh", "-c", files._RECEIVE], input=archive, text=True, capture_output=True)
    assert done.returncode != 0 and f"{place} was not written; what stood there stands" in done.stderr
    assert place.read_text() == "theirs\n"


PROGRAMS = "awk base64 cat chmod chown cp grep gzip mkdir mktemp mv rm rmdir sed sha256sum sh stat tail tar wc"


def only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on what runs has no other programs than those in `folder`."""
    usual = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin${PATH:+:$PATH}"
    assert usual in files._RECEIVE
    monkeypatch.setattr(files, "_RECEIVE", files._RECEIVE.replace(usual, "$PATH"))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("TMPDIR", raising=False)  # else a file is made there, to see whether that works


def test_a_box_without_install_gets_its_files_too(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busybox may lack it."""
    (box / "bin").mkdir()
    for name in PROGRAMS.split():
        (box / "bin" / name).symlink_to(shutil.which(name) or "/nonexistent")
    only(box / "bin", monkeypatch)
    wanted = [ManagedFile(str(box / "s"), SecretStr("x")), ManagedFile(str(box / "d" / "x"), "x", "755")]
    apply(wanted)
    assert [oct(Path(file.dest).stat().st_mode & 0o777) for file in wanted] == ["0o600", "0o755"]
    assert differences(box, wanted) == [None, None]


@pytest.mark.parametrize(
    ("wanted", "programs"),
    [
        (lambda box: ManagedFile(f"{box}/d/new", "x"), "install mv sha256sum"),
        (lambda box: ManagedFile(f"{box}/d/old", None), "rm rm"),
        (lambda box: ManagedFile(f"{box}/d/rc", "x", block="y", top=True), "cp awk cat cp mv"),
        (lambda box: ManagedFile(f"{box}/d/rc", "x", block="x"), "cp awk cp mv"),
        (lambda box: ManagedFile(f"{box}/d/rc", None, block="x"), "cp awk cp rm mv"),
    ],
    ids=["file", "file goes", "block", "block changes", "block goes"],
)
def test_few_processes_are_started(box: Path, monkeypatch: pytest.MonkeyPatch, wanted: Any, programs: str) -> None:
    """Each takes up to a millisecond of the instance's processor."""
    (box / "d").mkdir()
    (box / "d" / "rc").write_text("theirs\n")
    apply([ManagedFile(f"{box}/d/old", "x"), ManagedFile(f"{box}/d/rc", "old", block="x")])
    (box / "bin").mkdir()
    for name in f"{PROGRAMS} install".split():
        program = box / "bin" / name
        program.write_text(f'#!/bin/sh\necho {name} >>"{box}/started"\nexec {shutil.which(name)} "$@"\n')
        program.chmod(0o755)
    only(box / "bin", monkeypatch)
    apply([wanted(box)])
    archive = "sh mktemp base64 tar gzip rm"
    assert sorted((box / "started").read_text().split()) == sorted(f"{archive} {programs}".split())


def test_paths_are_quoted_for_the_shell_by_the_fact() -> None:
    command = FileStates().command([(place, "") for place in PLACES])
    for place in PLACES:
        assert f"\nlook {shlex.quote(place)} '' '' " in command


@pytest.mark.parametrize("before", ["mine\n", "mine", "", "one\r\ntwo"])
def test_a_block_that_is_to_be_last_is_moved_behind_what_others_wrote(box: Path, before: str) -> None:
    path = box / "f"
    path.write_bytes(before.encode())
    block = ManagedFile(str(path), "ours", block="x")
    apply([block])
    path.write_bytes(path.read_bytes() + b"theirs\n")
    apply([ManagedFile(str(path), "ours", block="x", last=True)])
    assert path.read_bytes().endswith(b"theirs\n# gpustrap x begin\nours\n# gpustrap x end\n")
    assert differences(box, [block]) == [None]
    apply([ManagedFile(str(path), None, block="x")])
    assert path.read_bytes().decode() == f"{before}{'' if before.endswith(chr(10)) or not before else chr(10)}theirs\n"


HERE = "a file has to stand there\nhint: remove it on the instance, or leave this setting out"


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (FileState("dir"), f"/f: /f is a directory: {HERE}"), (FileState("device"), f"/f: /f is a device: {HERE}"),
        (FileState("FIFO"), f"/f: /f is a FIFO: {HERE}"), (FileState("socket"), f"/f: /f is a socket: {HERE}"),
        (FileState("other"), f"/f: /f is other: {HERE}"),
        (FileState("device", leads_to="/dev/null"), f"/f: /f leads to /dev/null, a device: {HERE}"),
        (FileState("big"), "/f: /f is too big to be a file of settings (over 256 KiB)"),
        (FileState("loop"), "/f: /f is a link that leads to itself\nhint: remove it on the instance, then run again"),
    ],
)  # fmt: skip
def test_where_no_file_can_stand_it_is_said_with_what_to_do(state: FileState, text: str) -> None:
    for wanted in (ManagedFile("/f", "a"), ManagedKeys("/f", "ini", {"a.b": "c"})):
        with pytest.raises(InstanceFailed) as failed:
            change(wanted, state, "0")
        assert str(failed.value) == text
    for none in (ManagedFile("/f", None), ManagedKeys("/f", "ini")):
        assert change(none, state, "0") is None  # nothing of ours is wanted there
        with pytest.raises(InstanceFailed):
            change(none, replace(state, ours=True), "0")


@pytest.mark.parametrize(
    ("text", "place"), [(b"a = = 1\n", "/f:1: "), (b"a = 1\nb = [\n", "/f:2: "), (b"a = 1\na = 2\n", "/f:2: ")]
)
def test_a_file_whose_form_cannot_be_read_is_named_with_its_line(text: bytes, place: str) -> None:
    with pytest.raises(InstanceFailed) as failed:
        change(ManagedKeys("/f", "toml", {"x": 1}), FileState("file", "644", sha(text), text=text), "0")
    assert failed.value.error.startswith(place) and len(failed.value.error) > len(place)
    assert failed.value.operation == "/f"
    assert failed.value.hint == "gpustrap sets keys in this file, and it is not toml: mend or remove it on the instance"


def test_a_change_says_why_and_shows_no_content() -> None:
    made = change(ManagedFile("/f", "canary", "755"), None, "3")
    assert made == Change("/f: created", ("put", "3", "755", "/f"), {"3": b"canary\n"})
    assert "canary" not in repr(made)
    assert ManagedKeys("/f", "ini").keys == {} and ManagedFile("/f", "a").mode == "644"
    keys = change(ManagedKeys("/f", "ini", {"a.b": "c"}, "p"), None, "4")
    assert keys is not None
    assert (keys.why, keys.step) == ("/f: a.b set", ("keys", "4", "-", "/f", "4.keys"))
    assert keys.members["4"] == b"[a]\nb = c\n" and b'"p"' in keys.members["4.keys"]


def test_what_changes_inside_is_shown_unless_it_is_a_secret() -> None:
    old = FileState("file", "644", "other", text=b"theirs\n# gpustrap p begin\na\n# gpustrap p end\n")
    made = change(ManagedFile("/f", "b", block="p"), old, "0")
    assert made is not None and "-a\n+b" in made.shown and "theirs" not in made.shown
    gone = change(ManagedFile("/f", None), FileState("file", "644", "x", True, text=b"a\n"), "0")
    assert gone is not None and gone.shown == "--- /f\n+++ /f\n@@ -1 +0,0 @@\n-a"
    secret = change(ManagedFile("/f", SecretStr("canary")), old, "0")
    assert secret is not None and secret.why == "/f: updated" and secret.shown == ""
    keys = change(ManagedKeys("/f", "ini", {"a.b": "c"}, "p"), FileState("file", "644", text=b"[x]\nkey = hush\n"), "0")
    assert keys is not None and "+b = c" in keys.shown and "hush" not in keys.shown
    hidden = change(ManagedKeys("/f", "ini", {"a.b": SecretStr("canary")}, "p"), None, "0")
    assert hidden is not None and hidden.shown == ""


def test_what_is_gone_already_is_nobody_elses_work() -> None:
    back = change(ManagedFile("/f", None, spares=True), FileState("absent", ours=True), "0")
    assert back == Change("/f: is gone already; what stood there before, if anything, comes back", ("gone", "/f"))


def test_keys_that_go_leave_the_rest_or_nothing() -> None:
    keys = change(ManagedKeys("/f", "ini", {"a.b": "c"}, "p"), None, "4")
    assert keys is not None
    text, record = keys.members["4"], keys.members["4.keys"].decode()
    ours = FileState("file", "644", sha(text), True, text=text, record=record)
    gone = change(ManagedKeys("/f", "ini", {}, "p"), ours, "0")
    assert gone == Change("/f: a.b taken away", ("gone", "/f"))
    assert gone.shown == "--- /f\n+++ /f\n@@ -1,2 +0,0 @@\n-[a]\n-b = c"
    more = replace(ours, text=text + b"x = 1\n", sha256="other")
    assert change(ManagedKeys("/f", "ini", {}, "p"), more, "0") == Change(
        "/f: a.b taken away", ("unkeyed", "0", "/f"), {"0": b"[a]\nx = 1\n"}
    )


def test_what_puts_files_in_place_keeps_the_originals_where_the_fact_looks() -> None:
    apply = members(files._archive([Change("why", ("put", "0", "644", "/f"), {"0": b"x\n"})]))["apply"].decode()
    assert apply.startswith("state=/var/lib/gpustrap\n") and apply.endswith("\nput 0 644 /f\n")


def test_what_changes_is_said_in_the_persons_language():
    state = FileState("file", "644", "0" * 64, ours=True)
    language.speak("zh_CN")
    try:
        made = change(ManagedFile("/etc/x", "new"), state, "0")
    finally:
        language.speak("en")
    assert made is not None and made.why == "/etc/x: 更新"
