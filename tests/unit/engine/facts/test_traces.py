"""traces.sh over the records that files-apply.sh makes, and what the fact reads of its answer."""

from __future__ import annotations

import base64
import gzip
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import SecretStr

from gpustrap.engine.facts import files as files_fact
from gpustrap.engine.facts import traces
from gpustrap.engine.facts.traces import Left, OwnFolders, Remains, Stay, Trace, Traces, TracesFact, form_of
from gpustrap.engine.merge_forms import Form
from gpustrap.engine.operations import files
from gpustrap.engine.operations.files import ManagedFile, ManagedKeys, is_theirs
from gpustrap.engine.scripts import clean, script


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for an instance, gpustrap's own state and its services in it."""
    state = str(tmp_path / "state")
    for module in (files, files_fact, traces):
        monkeypatch.setattr(module, "STATE_DIR", state)
    monkeypatch.setattr(files, "_RECEIVE", clean("files-receive", state=state))
    monkeypatch.setattr(traces, "SERVICES", str(tmp_path / "services"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def run(command: str, stdin: str = "") -> list[str]:
    done = subprocess.run(["sh", "-c", command], input=stdin, text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def apply(wanted: Sequence[ManagedFile | ManagedKeys], role: str = "") -> None:
    asked = [(file.dest, getattr(file, "block", "")) for file in wanted]
    spares = any(file.spares for file in wanted)
    command = files_fact.FileStates().command(asked, [path for path, _ in asked], spares)
    states = files_fact.FileStates().process(run(command))
    changes = [made for at, file in enumerate(wanted) if (made := files.change(file, states[file.dest], str(at)))]
    run(files._RECEIVE, files._archive(changes, role))


def found() -> Traces:
    return TracesFact().process(run(TracesFact().command()))


def by_path(box: Path) -> dict[str, Trace]:
    return {str(Path(one.path).relative_to(box)): one for one in found().all}


def test_a_box_without_records_has_no_traces(box: Path) -> None:
    assert found() == Traces()


def test_each_file_block_and_key_is_found_with_its_role(box: Path) -> None:
    (box / "rc").write_text("mine\n")
    (box / "pip.conf").write_text("[global]\ntimeout = 5\n")
    apply([ManagedFile(f"{box}/new file", "a"), ManagedFile(f"{box}/rc", "b", block="mirrors")], "mirrors")
    apply([ManagedFile(f"{box}/rc", "c", block="network")], "network")
    apply([ManagedKeys(f"{box}/pip.conf", "ini", {"global.index-url": "http://m"}, "mirrors")], "mirrors")
    apply([ManagedFile(f"{box}/pip.conf2", "x")], "network")
    said = [(Path(one.path).name, one.role, one.block, one.form, one.original) for one in found().all]
    assert said == [
        ("rc", "mirrors", "mirrors", None, False),
        ("rc", "network", "network", None, False),
        ("pip.conf", "mirrors", "", "ini", True),
        ("new file", "mirrors", "", None, False),
        ("pip.conf2", "network", "", None, False),
    ]
    assert not any(is_theirs(one.state) for one in found().all)


def put_uv(box: Path, content: bytes) -> None:
    (box / "packed").write_bytes(gzip.compress(content))
    placing = clean("uv-place", path=f"{box}/uv", state=f"{box}/state", role="python")
    run(placing + script("uv-unpack", packed=f"{box}/packed"))


@pytest.mark.parametrize("before", ["a file", "a link", "a link into a folder of its own", "a link to nowhere"])
def test_what_stood_in_the_place_of_uv_comes_back(box: Path, before: str) -> None:
    (box / "venv").mkdir()
    (box / "venv" / "uv").write_text("of the image\n")
    links = {"a link": f"{box}/venv/uv", "a link into a folder of its own": "venv/uv", "a link to nowhere": "gone/uv"}
    if before == "a file":
        (box / "uv").write_text("of the image\n")
        (box / "uv").chmod(0o711)
    else:
        (box / "uv").symlink_to(links[before])
    for content in (b"0.9.11", b"0.13.9"):
        put_uv(box, content)
    assert (box / "uv").read_bytes() == b"0.13.9" and not (box / "uv").is_symlink()
    (there,) = found().all
    assert (there.path, there.role, there.original, is_theirs(there.state)) == (f"{box}/uv", "python", True, False)
    assert found().stay == ()
    apply([ManagedFile(f"{box}/uv", None, spares=True)])
    if before == "a file":
        assert ((box / "uv").read_text(), (box / "uv").stat().st_mode & 0o777) == ("of the image\n", 0o711)
    else:
        assert str((box / "uv").readlink()) == links[before]
    assert (box / "venv" / "uv").read_text() == "of the image\n"
    assert found() == Traces()


def test_a_uv_that_a_person_has_put_there_since_stays(box: Path) -> None:
    (box / "uv").write_text("of the image\n")
    put_uv(box, b"0.13.9")
    (box / "uv").write_text("of a person\n")
    apply([ManagedFile(f"{box}/uv", None, spares=True)])
    assert (box / "uv").read_text() == "of a person\n"


def test_what_others_change_is_theirs_and_what_we_write_again_is_not(box: Path) -> None:
    (box / "old").write_text("before\n")
    for text in ("a", "b"):
        apply([ManagedFile(f"{box}/whole", text), ManagedFile(f"{box}/old", text)], "x")
        apply([ManagedFile(f"{box}/rc", text, block="x")], "x")
    assert not any(is_theirs(one.state) for one in found().all)
    (box / "whole").write_text("c\n")
    (box / "rc").write_text((box / "rc").read_text().replace("b\n", "c\n", 1))
    (box / "old").unlink()
    theirs = by_path(box)
    assert {name: is_theirs(one.state) for name, one in theirs.items()} == {"whole": True, "rc": True, "old": True}
    assert theirs["old"].original and not theirs["whole"].original
    apply([ManagedFile(f"{box}/whole", None, spares=True), ManagedFile(f"{box}/old", None, spares=True)])
    apply([ManagedFile(f"{box}/rc", None, block="x", spares=True)])
    assert (box / "whole").read_text() == "c\n" and "c\n" in (box / "rc").read_text() and not (box / "old").exists()


def test_a_file_with_keys_of_ours_that_a_person_removed_stays_removed(box: Path) -> None:
    (box / "pip.conf").write_text("[global]\ntimeout = 5\n")
    apply([ManagedKeys(f"{box}/pip.conf", "ini", {"global.index-url": "http://m"}, "x")], "x")
    (box / "pip.conf").unlink()
    assert is_theirs(by_path(box)["pip.conf"].state)
    apply([ManagedKeys(f"{box}/pip.conf", "ini", part="x", spares=True)])
    assert not (box / "pip.conf").exists()


def test_a_key_of_ours_that_a_person_changed_stays_and_the_others_go(box: Path) -> None:
    (box / "pip.conf").write_text("[global]\ntimeout = 5\n")
    keys = {"global.index-url": "http://m", "global.timeout": "60", "install.user": SecretStr("canary")}
    apply([ManagedKeys(f"{box}/pip.conf", "ini", keys, "x")], "x")
    (box / "pip.conf").write_text("# mine\n" + (box / "pip.conf").read_text().replace("60", "7"))
    apply([ManagedKeys(f"{box}/pip.conf", "ini", part="x", spares=True)])
    assert (box / "pip.conf").read_text() == "# mine\n[global]\ntimeout = 7\n"


def test_a_run_that_is_killed_between_record_and_file_leaves_ours(box: Path) -> None:
    apply([ManagedFile(f"{box}/f", "a")], "x")
    left = (box / "f").read_bytes()
    apply([ManagedFile(f"{box}/f", "b")], "x")
    (box / "f").write_bytes(left)
    assert not is_theirs(by_path(box)["f"].state)


def test_what_stands_there_as_before_us_is_forgotten_and_not_called_changed(box: Path) -> None:
    """A run that is killed between putting the original back and forgetting it leaves this."""
    (box / "f").write_text("before\n")
    apply([ManagedFile(f"{box}/f", "a")], "x")
    (box / "f").write_text("before\n")
    assert not is_theirs(by_path(box)["f"].state)
    apply([ManagedFile(f"{box}/f", None, spares=True)])
    assert found() == Traces() and (box / "f").read_text() == "before\n"


def test_given_back_nothing_is_left_of_it(box: Path) -> None:
    (box / "old").write_text("before")
    wanted = [ManagedFile(f"{box}/old", "a"), ManagedFile(f"{box}/d/new", "a")]
    apply(wanted, "x")
    apply([ManagedFile(one.path, None, spares=True) for one in found().all])
    assert found() == Traces()
    assert (box / "old").read_text() == "before" and not (box / "d").exists()


def test_a_file_of_others_that_a_block_had_made_is_never_taken_for_ours(box: Path) -> None:
    apply([ManagedFile(f"{box}/rc", "a", block="x")], "x")
    with (box / "rc").open("a") as rc:
        rc.write("mine\n")
    apply([ManagedFile(f"{box}/rc", None, block="x")])
    assert found() == Traces()


def test_what_an_older_release_wrote_is_found_where_it_says_so(box: Path) -> None:
    kept = box / "state" / "kept"
    for name, text in (("a", "# Managed by gpustrap: x\n"), ("gpustrap-b", "x"), ("c", "theirs\n"), ("d", "ours\n")):
        (box / name).write_text(text)
        record = kept / "absent" / str(box / name)[1:]
        record.parent.mkdir(parents=True, exist_ok=True)
        record.touch()
    original = kept / "original" / str(box / "d")[1:]
    original.parent.mkdir(parents=True)
    original.write_text("before\n")
    assert {name: one.role for name, one in by_path(box).items()} == {"a": "", "gpustrap-b": "", "d": ""}


@pytest.mark.skipif(not shutil.which("chattr") or os.getuid() != 0, reason="no file can be made immutable here")
@pytest.mark.parametrize("before", [None, "mine\n"])
def test_a_block_that_could_not_be_taken_away_is_known_and_goes_once_it_can(box: Path, before: str | None) -> None:
    place = box / "environment"
    if before:
        place.write_text(before)
    apply([ManagedFile(str(place), "a", block="network")], "network")
    kept = place.read_bytes()
    if subprocess.run(["chattr", "+i", str(place)], capture_output=True).returncode:
        pytest.skip("no immutable files here")
    try:
        with pytest.raises(AssertionError, match="stands"):
            apply([ManagedFile(str(place), None, block="network", spares=True)])
    finally:
        subprocess.run(["chattr", "-i", str(place)], check=True)
    assert place.read_bytes() == kept
    assert [(one.path, one.block, is_theirs(one.state)) for one in found().all] == [(str(place), "network", False)]
    apply([ManagedFile(one.path, None, block=one.block, spares=True) for one in found().all])
    assert (place.read_text() if place.exists() else None) == before
    assert found() == Traces()


def test_a_block_of_which_there_is_no_record_is_told_as_what_stays(box: Path) -> None:
    (box / ".real rc").write_text("mine\n")
    (box / ".bashrc").symlink_to(box / ".real rc")
    (box / ".gitconfig").write_text("[user]\n")
    apply([ManagedFile(f"{box}/.bashrc", "a", block="mirrors"), ManagedFile(f"{box}/.gitconfig", "b", block="network")])
    assert found().stay == ()
    shutil.rmtree(box / "state")
    assert set(found().stay) == {
        Stay("mirrors", "block", f"{box}/.real rc"),
        Stay("network", "block", f"{box}/.gitconfig"),
    }


def test_a_newline_in_a_path_is_only_a_newline(box: Path) -> None:
    apply([ManagedFile(f"{box}/two\nlines", "a")], "x")
    assert list(by_path(box)) == ["two\nlines"]


def test_what_was_only_installed_is_told_as_far_as_it_is_there(box: Path) -> None:
    (box / "state" / "stays").mkdir(parents=True)
    (box / "state" / "stays" / "python").write_text(f"file {box}/uv\nfile {box}/uv\nfile {box}/gone\n")
    (box / "state" / "stays" / "base").write_text("package no-such-package-here\n")
    (box / "uv").touch()
    script = f"#!/bin/sh\n# Managed by gpustrap: installs torch into {box}/uv. Run again, it goes on where it was.\n"
    apply([ManagedFile(f"{box}/place/jobs/torch/run", script, "755")], "torch")
    (box / "place" / "venvs").mkdir()
    said = {(one.role, one.kind, one.what) for one in found().stay}
    expected = {("python", "file", "uv"), ("torch", "torch", "uv"), ("torch", "folder", "place/venvs")}
    assert said == {(role, kind, f"{box}/{what}") for role, kind, what in expected}


def test_what_a_service_wrote_beside_our_files_is_foreign(box: Path) -> None:
    apply([ManagedFile(f"{box}/services/web/run", "a")], "services")
    for name in ("state", "log-start", "model.bin"):
        (box / "services" / "web" / name).touch()
    assert found().foreign == (f"{box}/services/web/model.bin",)


@pytest.mark.parametrize("said", [[], ["trace file x -"], ["trace file x -", "state L2Y= absent"]])
def test_an_answer_that_was_cut_off_is_none(said: list[str]) -> None:
    with pytest.raises(ValueError, match=r"^the answer was cut off$"):
        TracesFact().process(said)


def test_keys_of_two_roles_in_one_file_are_two_and_a_damaged_record_is_none() -> None:
    def row(record: str) -> list[str]:
        coded = base64.b64encode(record.encode()).decode()
        return ["trace keys - original", f"state L2Y= file 644 {'0' * 64} ours - - = {coded} =", "traced"]

    process = TracesFact().process
    both = process(row('{"sha256": "00", "form": "toml", "parts": {"a": {}, "b": {}}}')).all
    assert [(one.role, one.form) for one in both] == [("a", "toml"), ("b", "toml")]
    (older,) = process(row('{"parts": {"a": {}}}')).all
    assert (older.role, older.form) == ("a", "ini")
    for damaged in ("", "[]", "{", '{"parts": null}'):
        assert process(row(damaged)).all == ()


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/root/.config/uv/uv.toml", "toml"),
        ("/root/.condarc", "yaml"),
        ("/a/b.yml", "yaml"),
        ("/a/b.yaml", "yaml"),
        ("/etc/pip.conf", "ini"),
    ],
)
def test_the_form_of_an_older_record_follows_from_the_name(path: str, form: Form) -> None:
    assert form_of(path) == form


def test_sessions_files_and_folders_are_read() -> None:
    assert Remains().process(["a word of the shell", "session a b", "file /x y"]) == Left(("a b",), ("/x y",))
    assert OwnFolders().process(["own /var/lib/gpustrap", "noise"]) == ("/var/lib/gpustrap",)
    assert (Remains.default(), OwnFolders.default(), TracesFact.default()) == (Left(), (), Traces())


def test_a_stay_is_one_however_often_it_was_installed() -> None:
    line = f"stay base package {base64.b64encode(b'git').decode()}"
    assert TracesFact().process([line, line, "traced"]).stay == (Stay("base", "package", "git"),)


def test_a_path_is_taken_as_it_is_and_what_is_none_is_an_error() -> None:
    coded = base64.b64encode(b"/a/\xff").decode()
    assert TracesFact().process([f"foreign {coded}", "traced"]).foreign == ("/a/\udcff",)
    with pytest.raises(ValueError):
        TracesFact().process(["foreign L2E?vYg==", "traced"])
