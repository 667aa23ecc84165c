"""Answers in the form that files-look.sh prints (lab box debian-12, 2026-11-25); what it finds is tried in
tests/unit/engine/operations/test_files.py, where the script itself runs."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest

from gpustrap.engine.facts.files import FileState, FileStates
from gpustrap.errors import InstanceFailed

SHA = "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7"  # of b"a\n"


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


RECORDED = [
    "a line that the shell of the image prints",
    f"state {coded('/root/f/plain')} file 640 {SHA} ours - - - - -",
    f"state {coded('/root/f/dir')} dir - - - - - - - -",
    f"state {coded('/root/f/link')} file 640 {SHA} - bob:bob {coded('/root/f/plain')} - - -",
    f"state {coded('/root/f/broken')} absent - - - - {coded('/root/none')} - - -",
    f"state {coded('/root/f/sp ace')} file 644 {SHA} ours - - YQo= e30= YQ==",
    f"state {coded('/dev/null')} device - - - - - - - -",
    f"state {coded('/root/f/loose')} file 640 {SHA} ours /{coded('/root/a b')} - - - -",
    f"state {coded('/root/f/edited')} file 640 {SHA} edited /{base64.b64encode(b'/a' + bytes([255])).decode()} - - - -",
    "looked",
]


def test_each_path_has_the_state_that_its_line_says() -> None:
    assert FileStates().process(RECORDED) == {
        "/root/f/plain": FileState("file", "640", SHA, ours=True),
        "/root/f/dir": FileState("dir"),
        "/root/f/link": FileState("file", "640", SHA, owner="bob:bob", leads_to="/root/f/plain"),
        "/root/f/broken": FileState("absent", leads_to="/root/none"),
        "/root/f/sp ace": FileState("file", "644", SHA, ours=True, text=b"a\n", record="{}", original=b"a"),
        "/dev/null": FileState("device"),
        "/root/f/loose": FileState("file", "640", SHA, ours=True, owner="/root/a b"),
        "/root/f/edited": FileState("file", "640", SHA, ours=True, owner="/a\ufffd", edited=True),
    }


def test_no_paths_no_states() -> None:
    assert FileStates().process(["looked"]) == {}


@pytest.mark.parametrize("cut", [0, 1, 3, len(RECORDED) - 1])
def test_an_answer_that_was_cut_off_is_not_taken_for_one(cut: int) -> None:
    with pytest.raises(ValueError):
        FileStates().process(RECORDED[:cut])


def test_the_text_of_a_file_is_in_no_message() -> None:
    assert "canary" not in repr(FileState("file", text=b"canary", record="canary", original=b"canary"))


def test_a_box_that_does_not_answer_tells_of_no_file() -> None:
    assert FileStates.default() == {}


def test_of_a_file_of_settings_256_kib_are_asked_at_most() -> None:
    command = FileStates().command([("/f", "")])
    assert "\nmost=262144\n" in command and "state=/var/lib/gpustrap\n" in command


def test_an_answer_that_was_cut_off_or_is_no_base64_is_no_answer() -> None:
    with pytest.raises(ValueError, match=r"^the answer was cut off$"):
        FileStates().process([f"state L2Y= file 644 {SHA} ours - - - - -"])
    with pytest.raises(ValueError):
        FileStates().process([f"state !!L2Y= file 644 {SHA} ours - - - - -", "looked"])


def test_what_is_no_utf_8_in_a_link_or_a_record_is_told_all_the_same() -> None:
    bad = base64.b64encode(b"/a\xff").decode()
    answer = [f"state L2Y= file 644 {SHA} theirs bob:bob {bad} {bad} {bad} {bad}", "looked"]
    (state,) = FileStates().process(answer).values()
    assert state == FileState("file", "644", SHA, False, "bob:bob", "/a\ufffd", b"/a\xff", "/a\ufffd", b"/a\xff")


def test_texts_are_asked_of_those_that_are_named_alone() -> None:
    command = FileStates().command([("/f", ""), ("/g", "block")], ["/f"])
    assert "\nlook /f '' keyed L2Y=\nlook /g block '' L2c=\necho looked\n" in command


UNREADABLE = """the instance's answer about {path} cannot be read
hint: does `stat` or `sha256sum` there print a line of its own? `type -a stat sha256sum` shows which run"""


@pytest.mark.parametrize(
    "fields",
    ["file wrapped:", f"file 644 {SHA} ours - - - - - more", f"file wrapped: {SHA} - - - - - -",
     "file 644 wrapped: - - - - - -", f"file 644 {SHA} - - !! - - -"],
)  # fmt: skip
def test_fields_that_are_none_are_said_with_their_path(fields: str) -> None:
    with pytest.raises(InstanceFailed) as raised:
        FileStates().process([f"state {coded('/etc/x y')} {fields}", "644 0:0", "looked"])
    assert str(raised.value) == UNREADABLE.format(path="/etc/x y")


@pytest.mark.parametrize("program", ["stat", "sha256sum"])
def test_a_program_that_prints_a_line_of_its_own_is_no_mistake_of_a_role(tmp_path: Path, program: str) -> None:
    real, link, wrapper = tmp_path / "real", tmp_path / "link", tmp_path / "bin" / program
    real.write_text("a\n")
    link.symlink_to(real)  # what a link leads to is asked for by itself
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho "wrapped: $*"\nexec {shutil.which(program)} "$@"\n')
    wrapper.chmod(0o755)
    command = FileStates().command([(str(link), "")]).replace('export PATH="', f'export PATH="{wrapper.parent}:')
    done = subprocess.run(["sh", "-c", command], text=True, capture_output=True, check=True)
    with pytest.raises(InstanceFailed) as raised:
        FileStates().process(done.stdout.splitlines())
    assert str(raised.value) == UNREADABLE.format(path=link)
