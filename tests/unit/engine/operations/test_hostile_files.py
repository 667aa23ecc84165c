"""Files as other people leave them. The scripts run here, on a folder that stands for an instance."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from gpustrap.engine import scripts
from gpustrap.engine.facts import files as files_fact
from gpustrap.engine.facts.files import FileState, FileStates
from gpustrap.engine.operations import files
from gpustrap.engine.operations.files import ManagedFile, ManagedKeys, change
from gpustrap.engine.scripts import clean
from gpustrap.errors import InstanceFailed

Wanted = Sequence[ManagedFile | ManagedKeys]
BOB = 31337


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    state = str(tmp_path / "state")
    monkeypatch.setattr(files, "_RECEIVE", clean("files-receive", state=state))
    monkeypatch.setattr(files, "STATE_DIR", state)
    monkeypatch.setattr(files_fact, "STATE_DIR", state)
    return tmp_path


def states(wanted: Wanted, texts: bool = False) -> dict[str, FileState]:
    pairs = [(file.dest, getattr(file, "block", "")) for file in wanted]
    command = FileStates().command(pairs, [file.dest for file in wanted if texts or isinstance(file, ManagedKeys)])
    done = subprocess.run(["sh", "-c", command], text=True, capture_output=True, check=True, timeout=10)
    assert done.stderr == ""
    return FileStates().process(done.stdout.splitlines())


def changes(wanted: Wanted) -> list[Any]:
    found = states(wanted)
    return [made for at, file in enumerate(wanted) if (made := change(file, found[file.dest], str(at)))]


def received(made: list[Any], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-c", files._RECEIVE],
        input=files._archive(made),
        text=True,
        capture_output=True,
        timeout=20,
        **options,
    )


def make(*wanted: ManagedFile | ManagedKeys, **options: Any) -> list[str]:
    """Make it so, as an instance would be; then nothing is left to do. What was done, in words."""
    made = changes(wanted)
    if made:
        done = received(made, **options)
        assert (done.returncode, done.stderr) == (0, "")
    assert changes(wanted) == []
    return [one.why.removeprefix(f"{wanted[0].dest}: ") for one in made]


def refusal(*wanted: ManagedFile | ManagedKeys) -> str:
    with pytest.raises(InstanceFailed) as raised:
        changes(wanted)
    return raised.value.error


@pytest.mark.parametrize("by_link", [False, True])
@pytest.mark.parametrize("block", ["", "x"])
@pytest.mark.parametrize("kind", ["a FIFO", "a socket", "a directory", "a device"])
def test_what_is_no_file_is_refused_in_words_and_stays(box: Path, kind: str, block: str, by_link: bool) -> None:
    place = box / "special"
    if kind == "a FIFO":
        os.mkfifo(place)
    elif kind == "a socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(place))
    elif kind == "a directory":
        place.mkdir()
    else:
        place = Path("/dev/null")
    before, link = place.lstat(), box / "link"
    link.symlink_to(place)
    dest = str(link if by_link else place)
    said = f"{dest} leads to {place}, {kind}" if by_link else f"{dest} is {kind}"
    assert refusal(ManagedFile(dest, "x", block=block)) == f"{said}: a file has to stand there"
    assert refusal(ManagedKeys(dest, "ini", {"a": "b"})) == f"{said}: a file has to stand there"
    assert changes([ManagedFile(dest, None, block=block)]) == [], "what is not ours needs no taking away"
    done = received([files.Change("", ("put", "0", "644", dest), {"0": b"x"})])
    assert done.returncode == 1 and f"{dest} is a" in done.stderr, "neither where it came in between"
    assert (place.lstat().st_mode, place.lstat().st_ino) == (before.st_mode, before.st_ino)


def test_a_link_to_nowhere_stays_and_its_end_is_made(box: Path) -> None:
    (box / "npmrc").symlink_to(box / "no" / "such" / "file")
    wanted = ManagedFile(str(box / "npmrc"), "x")
    assert make(wanted) == ["created"]
    assert ((box / "npmrc").is_symlink(), (box / "no" / "such" / "file").read_text()) == (True, "x\n")
    assert make(ManagedFile(str(box / "npmrc"), None)) == ["goes; what stood there before, if anything, comes back"]
    assert ((box / "npmrc").is_symlink(), (box / "npmrc").exists()) == (True, False)


@pytest.mark.parametrize("place", ["/proc/self/environ", "/proc/1/nowhere", "/sys/nowhere/else"])
def test_what_the_kernel_shows_as_files_is_no_place_for_ours(box: Path, place: str) -> None:
    (box / "npmrc").symlink_to(place)
    said = refusal(ManagedFile(str(box / "npmrc"), "x"))
    assert said.startswith(f"{box}/npmrc leads to {place[:5]}")
    assert said.endswith(", a place of the kernel: a file has to stand there")
    done = received([files.Change("", ("put", "0", "644", str(box / "npmrc")), {"0": b"x"})])
    assert done.returncode == 1 and "npmrc is a kernel" in done.stderr


def test_a_link_to_itself_is_named(box: Path) -> None:
    (box / "f").symlink_to(box / "f")
    assert refusal(ManagedFile(str(box / "f"), "x")) == f"{box / 'f'} is a link that leads to itself"


@pytest.mark.parametrize("dangling", [True, False])
def test_what_stands_in_a_folders_place_is_named_with_what_to_do(box: Path, dangling: bool) -> None:
    place, file = box / "pip", box / "pip" / "a" / "pip.conf"
    if dangling:
        place.symlink_to("/nowhere/pip")
    else:
        place.write_text("theirs")
    done = received([files.Change("", ("put", "0", "644", str(file)), {"0": b"x"})])
    what = (
        "a link to /nowhere/pip, where nothing is: make that folder or remove the link"
        if dangling
        else "no folder: move it away"
    )
    assert (done.returncode, done.stderr) == (1, f"{place} is {what}; {file} belongs in it\n")
    assert place.is_symlink() == dangling


root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


OWN = ("own", "own/services", "own/services/web", "own/services/web/files", "own/services/web/files/a b")
KEPT = ("state", "state/kept", "state/units", "logs", "runs")


@root
@pytest.mark.parametrize("folder", [*OWN, *KEPT])
@pytest.mark.parametrize("how", ["another's", "for all"])
def test_a_folder_of_what_root_runs_is_nobody_elses(box: Path, monkeypatch, folder: str, how: str) -> None:
    """Who may write to it can put something of his own in the place of what is in it."""
    real = scripts.text_of
    places = {
        "own=/etc/gpustrap": f"own={box}/own",
        "=/var/log/gpustrap": f"={box}/logs",
        "=/run/gpustrap": f"={box}/runs",
    }

    def text_of(name: str) -> str:
        text = real(name)
        for here, there in places.items():
            text = text.replace(here, there)
        return text

    monkeypatch.setattr(scripts, "text_of", text_of)
    wanted = [ManagedFile(f"{box}/own/services/web/{name}", "x") for name in ("run", "files/a b/c", "files/d")]
    make(*wanted)
    for name in KEPT:
        (box / name).mkdir(exist_ok=True, mode=0o755)
    place = box / folder
    assert changes(wanted) == []
    mode = place.stat().st_mode & 0o777
    if how == "for all":
        place.chmod(0o777)
        mode = 0o755
    else:
        os.chown(place, BOB, BOB)
    inside = [one for one in wanted if folder in KEPT or Path(one.dest).is_relative_to(place)]
    made = changes(wanted)
    assert [one.why for one in made] == [f"{one.dest}: others may write to {place}" for one in inside]
    assert {state.owner for state in states(inside, texts=True).values()} == {str(place)}
    done = subprocess.run(
        ["/bin/sh", "-c", files._fasten(states(wanted)) + files._RECEIVE],
        input=files._archive(made),
        text=True,
        capture_output=True,
    )
    assert (done.returncode, done.stderr, changes(wanted)) == (0, "", [])
    assert (place.stat().st_uid, oct(place.stat().st_mode & 0o777)) == (0, oct(mode))
    assert (files._fasten(states(wanted)), make(ManagedFile(f"{box}/other", "x"))) == ("", ["created"])


@root
def test_a_log_folder_that_is_a_link_is_left_to_whom_it_belongs(box: Path, monkeypatch) -> None:
    real = scripts.text_of
    monkeypatch.setattr(scripts, "text_of", lambda name: real(name).replace("=/var/log/gpustrap", f"={box}/logs"))
    (box / "disk").mkdir()
    (box / "disk").chmod(0o777)
    (box / "logs").symlink_to(box / "disk")
    make(ManagedFile(f"{box}/f", "x"))


@root
@pytest.mark.parametrize("secret", [False, True])
def test_a_file_given_away_is_taken_back_before_it_is_written(box: Path, secret: bool) -> None:
    place = box / "d" / "env"
    make(ManagedFile(str(place), SecretStr("one") if secret else "one"))
    os.chown(place.parent, BOB, BOB)
    os.chown(place, BOB, BOB)
    (why,) = make(ManagedFile(str(place), SecretStr("one") if secret else "one"))
    assert why == f"owner {BOB}:{BOB} is not the right one".replace(f"{BOB}:{BOB}", "UNKNOWN:UNKNOWN")
    assert (place.stat().st_uid, place.stat().st_gid) == (0, 0)


@root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("home", [True, False], ids=["in his home", "elsewhere"])
@pytest.mark.parametrize(
    "wanted",
    [
        lambda place: ManagedFile(place, "ours\n", block="mine"),
        lambda place: ManagedKeys(place, "ini", {"a": "1"}, "mine"),
        lambda place: ManagedKeys(place, "ini", {"a": SecretStr("1")}, "mine"),
    ],
    ids=["block", "keys", "secret keys"],
)
def test_a_file_of_others_in_the_logins_own_home_becomes_his(box: Path, monkeypatch, home: bool, wanted: Any) -> None:
    """Else whoever owns ~/.bashrc decides what root runs, and whoever owns ~/.npmrc reads root's token."""
    place = box / "home" / ".rc"
    place.parent.mkdir()
    monkeypatch.setenv("HOME", str(place.parent if home else box / "other"))
    place.write_text("b = 2\n")
    os.chown(place, BOB, BOB)
    make(wanted(str(place)))
    assert place.stat().st_uid == (0 if home else BOB)
    os.chown(place, BOB, BOB)
    said = make(wanted(str(place)))
    assert said == (["owner UNKNOWN:UNKNOWN is not the right one"] if home else [])
    assert place.read_text().startswith("b = 2\n") and len(place.read_text()) > len("b = 2\n")
    if isinstance(wanted(str(place)), ManagedKeys):  # who wants nothing of it leaves it to whom it belongs
        os.chown(place, BOB, BOB)
        assert changes([ManagedKeys(str(place), "ini", {}, "another")]) == []


def test_what_stands_in_a_home_belongs_to_its_person(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    common = (clean("files-common", state=str(box))).replace("/etc/passwd", str(box / "passwd"))
    (box / "passwd").write_text(
        "root:x:0:0::/root:/bin/sh\nubuntu:x:1000:1001::/home/ubuntu:/bin/sh\ngames:x:5:60::/usr:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/sh\n"
        "fea:x:1002:1003::/home/fea tu:/bin/sh\n"
    )
    asked = ["/home/ubuntu/.npmrc", "/home/ubuntu2/x", "/root/.npmrc", "/usr/local/bin/uv", "/home/ubuntu/a b/c"]
    asked += ["/home/fea tu/.npmrc", "/home/fea/.npmrc", "/home/fea tu"]
    words = " ".join(f"'{path}'" for path in asked)
    done = subprocess.run(
        ["sh", "-c", f'{common}for p in {words}; do owner "$p"; echo "$owner"; done'], text=True, capture_output=True
    )
    assert done.stdout.split() == ["1000:1001", "0:0", "0:0", "0:0", "1000:1001", "1002:1003", "0:0", "1002:1003"]
    (box / "passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    done = subprocess.run(
        ["sh", "-c", f'{common}for p in {words}; do owner "$p"; echo "$owner"; done'], text=True, capture_output=True
    )
    assert done.stdout.split() == ["0:0"] * 8


MARKS = ("# gpustrap x begin\n", "# gpustrap x end\n")


@pytest.mark.parametrize("next_content", ["body 1\nbody 2\n", "other\n"])
@pytest.mark.parametrize(
    ("cut", "left"),
    [
        (lambda text: text.replace(MARKS[0], ""), "before\nafter\n"),
        (lambda text: text.replace(MARKS[1], ""), "before\nafter\n"),
        (lambda text: text.replace("".join(MARKS), "") + text, "before\nafter\nbefore\nafter\n"),
        (lambda text: text.replace("before", MARKS[0] + "before"), "before\nafter\n"),
        (lambda text: text.replace("after", "after\n" + MARKS[1] + "more"), "before\nafter\nmore\n"),
        (lambda text: text.replace(MARKS[0], "").replace(MARKS[1], ""), "before\nbody 1\nbody 2\nafter\n"),
        (lambda text: text.replace("\n", "\r\n"), "before\r\nafter\r\n"),
        (lambda text: text.replace(MARKS[0], "").replace("\n", "\r\n"), "before\r\nafter\r\n"),
        (lambda text: text.removesuffix("\n"), "before\nafter"),
    ],
    ids=[
        "no begin",
        "no end",
        "doubled",
        "begin twice",
        "end twice",
        "both gone",
        "CRLF",
        "CRLF, no begin",
        "no newline at the end",
    ],
)
def test_a_block_that_was_taken_apart_is_mended(box: Path, cut: Any, left: str, next_content: str) -> None:
    """It stands once, nothing of it is left over, and no line of a person's goes with it."""
    place = box / "rc"
    place.write_text("before\n")
    make(ManagedFile(str(place), "body 1\nbody 2\n", block="x"))
    with place.open("a") as file:
        file.write("after\n")
    place.write_bytes(cut(place.read_text()).encode())
    make(ManagedFile(str(place), next_content, block="x"))
    text = place.read_bytes().decode()
    assert (text.count("x begin"), text.count("x end")) == (1, 1)
    make(ManagedFile(str(place), None, block="x"))
    assert place.read_bytes().decode() == left


PIECES = st.lists(st.sampled_from([*MARKS, "ours\n", "mine\n", "\n", "old 1\n", "# gpustrap x-y begin\n"]), max_size=10)
once = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(pieces=PIECES)
@once
def test_whatever_was_done_to_the_marks_blocks_do_not_pile_up(box: Path, pieces: list[str]) -> None:
    place = box / "rc"
    place.write_text("".join(pieces))
    for content in ("ours", "ours\nmore", "ours"):
        make(ManagedFile(str(place), content, block="x"))
        text = place.read_text()
        assert (text.count("# gpustrap x begin"), text.count("# gpustrap x end")) == (1, 1)
    make(ManagedFile(str(place), None, block="x"))
    assert "gpustrap x begin" not in place.read_text() and "gpustrap x end" not in place.read_text()
    if not set(pieces) & set(MARKS):
        assert place.read_text() == "".join(pieces)


def test_an_environment_that_wants_harm_changes_nothing(box: Path) -> None:
    environment = {
        **os.environ,
        "CDPATH": "/",
        "GREP_OPTIONS": "-v",
        "PATH": f"{box}/bin",
        "TMPDIR": "/nonexistent",
        "TAR_OPTIONS": "--no-such",
        "GZIP": "-9",
        "POSIXLY_CORRECT": "1",
        "SHELLOPTS": "noclobber:xtrace",
    }
    make(ManagedFile(str(box / "f"), "x"), ManagedFile(str(box / "rc"), "y", block="z"), env=environment, umask=0)
    assert [oct((box / name).stat().st_mode & 0o777) for name in ("f", "rc")] == ["0o644", "0o644"]
    assert [path for path in box.rglob("*") if path.stat().st_mode & 0o022 and not path.is_symlink()] == []


def received_while_immutable(place: Path, wanted: ManagedFile) -> subprocess.CompletedProcess[str]:
    if not shutil.which("chattr") or subprocess.run(["chattr", "+i", str(place)], capture_output=True).returncode:
        pytest.skip("no immutable files here")
    try:
        return received(changes([wanted]))
    finally:
        subprocess.run(["chattr", "-i", str(place)], check=True)


@root
def test_what_cannot_be_written_still_stands_and_is_named(box: Path) -> None:
    place = box / "f"
    place.write_text("stands\n")
    done = received_while_immutable(place, ManagedFile(str(place), "x"))
    assert done.returncode != 0 and f"{place} was not written; what stood there stands" in done.stderr
    assert (place.read_text(), [path.name for path in box.iterdir() if path.name != "state"]) == ("stands\n", ["f"])


@root
def test_what_cannot_be_taken_away_is_named_and_is_ours_still(box: Path) -> None:
    place = box / "f"
    make(ManagedFile(str(place), "ours"))
    done = received_while_immutable(place, ManagedFile(str(place), None))
    assert done.returncode != 0 and str(place) in done.stderr
    assert make(ManagedFile(str(place), None)) == ["goes; what stood there before, if anything, comes back"]
    assert not place.exists()


PIP = {"global.index-url": "http://m/simple", "global.timeout": 60}
THEIRS = "# mine\n[global]\nindex-url = http://theirs\nno-cache-dir = true\n"


def test_keys_are_set_named_and_taken_away_byte_for_byte(box: Path) -> None:
    place = box / "pip.conf"
    place.write_bytes(THEIRS.encode() + b"\xff = 1\r\n")
    place.chmod(0o640)
    assert make(ManagedKeys(str(place), "ini", PIP)) == ["global.index-url, global.timeout set"]
    assert place.read_bytes().count(b"\xff = 1\r\n") == 1
    assert make(ManagedKeys(str(place), "ini", {"global.index-url": "http://n"})) == [
        "global.index-url set; global.timeout taken away"
    ]
    assert make(ManagedKeys(str(place), "ini", {})) == ["global.index-url taken away"]
    assert (place.read_bytes(), place.stat().st_mode & 0o777) == (THEIRS.encode() + b"\xff = 1\r\n", 0o640)


def test_keys_go_alone_where_somebody_wrote_since(box: Path) -> None:
    place = box / "pip.conf"
    place.write_text(THEIRS)
    make(ManagedKeys(str(place), "ini", PIP))
    with place.open("a") as file:
        file.write("[list]\nformat = json\n")
    assert make(ManagedKeys(str(place), "ini", PIP)) == []
    make(ManagedKeys(str(place), "ini"))
    assert place.read_text() == THEIRS + "[list]\nformat = json\n"


def test_a_file_that_was_not_there_goes_with_its_keys(box: Path) -> None:
    place = box / "new folder" / "uv.toml"
    keys = {"index": [{"url": "http://m/simple", "default": True}]}
    make(ManagedKeys(str(place), "toml", keys))
    assert place.stat().st_mode & 0o777 == 0o644
    make(ManagedKeys(str(place), "toml", {}))
    assert not place.exists()


def test_two_parts_of_one_file_do_not_touch_each_other(box: Path) -> None:
    place = str(box / "pip.conf")
    one, two = ManagedKeys(place, "ini", PIP, "mirrors"), ManagedKeys(place, "ini", {"global.proxy": "p"}, "network")
    make(one)
    make(two)
    assert (changes([one]), changes([two])) == ([], [])
    make(ManagedKeys(place, "ini", {}, "mirrors"))
    assert Path(place).read_text() == "[global]\nproxy = p\n"
    make(ManagedKeys(place, "ini", {}, "network"))
    assert not Path(place).exists()


@pytest.mark.parametrize("before", [None, "[global]\ntimeout = 1\n"])
def test_a_secret_key_makes_the_file_0600_and_is_never_told(box: Path, before: str | None) -> None:
    place = box / "pip.conf"
    if before:
        place.write_text(before)
    wanted = ManagedKeys(str(place), "ini", {"global.proxy": SecretStr("http://u:canary@p")})
    made = changes([wanted])
    assert "canary" not in f"{wanted!r} {made!r} {made[0].why} {made[0].step}"
    make(wanted)
    assert (place.stat().st_mode & 0o777, "canary" in place.read_text()) == (0o600, True)
    assert "canary" not in "".join(
        path.read_text() for path in (box / "state" / "kept" / "keys").rglob("*") if path.is_file()
    )
    place.chmod(0o644)
    assert make(wanted) == ["mode 644 → 600"]
    make(ManagedKeys(str(place), "ini", {}))
    assert (place.read_text() if place.exists() else None) == before


def test_what_cannot_be_read_is_named_with_its_line_and_stays(box: Path) -> None:
    (box / "condarc").write_text("a: 1\nb: [\n")
    assert refusal(ManagedKeys(str(box / "condarc"), "yaml", {"c": 1})).startswith(f"{box / 'condarc'}:3: ")
    (box / "uv.toml").write_text("x" * 300_000)
    assert refusal(ManagedKeys(str(box / "uv.toml"), "toml", {"c": 1})).endswith("(over 256 KiB)")


def test_what_a_person_has_written_anew_since_is_refused_by_its_line_and_stays(box: Path) -> None:
    place = box / "uv.toml"
    make(ManagedKeys(str(place), "toml", {"offline": True}, "mirrors"))
    place.write_text("index = = 3\nuser-thing = true\n")
    for keys in ({"offline": True}, {"native-tls": True}, {}):
        assert refusal(ManagedKeys(str(place), "toml", keys, "mirrors")).startswith(f"{place}:1: ")
    assert changes([ManagedKeys(str(place), "toml", {}, "mirrors", spares=True)]) == []
    place.unlink()
    make(ManagedKeys(str(place), "toml", {"offline": True}, "mirrors"))


def test_what_an_older_gpustrap_wrote_whole_becomes_keys(box: Path) -> None:
    place = box / "pip.conf"
    place.write_text(THEIRS)
    make(ManagedFile(str(place), "# Managed by gpustrap.\n[global]\nindex-url = http://m/simple\n"))
    make(ManagedKeys(str(place), "ini", PIP))
    assert "no-cache-dir = true\n" in place.read_text() and "index-url = http://m/simple\n" in place.read_text()
    make(ManagedKeys(str(place), "ini", {}))
    assert place.read_text() == THEIRS
    (box / "npmrc").write_text("a=b\n")
    make(ManagedFile(str(box / "npmrc"), "registry=http://old", block="mirrors"))
    make(ManagedKeys(str(box / "npmrc"), "ini", {"registry": "http://m"}, "mirrors"))
    assert (box / "npmrc").read_text() == "a=b\nregistry=http://m\n"
