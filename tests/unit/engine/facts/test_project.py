"""The scripts run here, on a folder that stands for an instance's."""

from __future__ import annotations

import base64
import gzip
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from gpustrap.engine.facts import project
from gpustrap.engine.facts.project import FilesThere, ProjectFolder, by, packed
from gpustrap.laptop.tree import Entry, sum_of, text_of
from gpustrap.resolve.project import Seen

X = sum_of(b"x")
NAMES = ("a", "-n b", "sub/it's $HOME *", "nö")


def run(command: str) -> list[str]:
    done = subprocess.run(["/bin/sh", "-c", command], text=True, capture_output=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def look(dest: Path) -> Seen:
    return ProjectFolder().process(run(ProjectFolder().command(str(dest), "")))


def sent(dest: Path, *names: str, record: str = "sent") -> tuple[Entry, ...]:
    for name in names:
        (dest / name).parent.mkdir(parents=True, exist_ok=True)
        (dest / name).write_text("x")
        (dest / name).chmod(0o644)
    entries = tuple(sorted((Entry("644", X, name) for name in names), key=lambda entry: entry.path))
    (dest / ".gpustrap").mkdir(exist_ok=True)
    (dest / ".gpustrap" / record).write_text(text_of(entries))
    return entries


def test_the_place_is_told_before_anything_was_sent(tmp_path: Path) -> None:
    assert look(tmp_path / "none") == Seen("absent")
    (tmp_path / "file").touch()
    assert look(tmp_path / "file").place == "blocked"
    (tmp_path / "app").mkdir()
    assert look(tmp_path / "app").place == "empty"
    (tmp_path / "app" / "theirs").touch()
    assert look(tmp_path / "app") == Seen("there")


def test_files_as_they_were_sent_are_not_told(tmp_path: Path) -> None:
    known = sent(tmp_path, *NAMES)
    (tmp_path / "of others").write_text("y")
    assert look(tmp_path) == Seen("there", known)


def test_what_is_otherwise_is_told(tmp_path: Path) -> None:
    known = sent(tmp_path, *NAMES, "gone", "link", "folder", "fifo", "mode")
    (tmp_path / "-n b").write_text("other")
    for name in ("gone", "link", "folder", "fifo"):
        (tmp_path / name).unlink()
    (tmp_path / "link").symlink_to("a b")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "mode").chmod(0o755)
    assert look(tmp_path) == Seen("there", known, {
        "-n b": Entry("644", sum_of(b"other"), "-n b"), "gone": None, "link": Entry("link", sum_of(b"a b\n"), "link"),
        "folder": Entry("other", "-", "folder"), "fifo": Entry("other", "-", "fifo"), "mode": Entry("755", X, "mode"),
    })  # fmt: skip


def test_after_a_run_that_was_cut_short_every_file_is_told(tmp_path: Path) -> None:
    known = sent(tmp_path, "a", "b")
    more = sent(tmp_path, "c", record="coming")
    assert look(tmp_path) == Seen("there", (*known, *more), {each.path: each for each in (*known, *more)}, True)


def test_files_where_nothing_was_sent_are_told_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "MOST_NAMES", 2)
    sent(tmp_path, *NAMES)
    words = packed([*NAMES, "none"])
    assert len(words) == 3
    found = [FilesThere().process(run(FilesThere().command(str(tmp_path), "", word))) for word in words]
    assert found[0] | found[1] | found[2] == {name: Entry("644", X, name) for name in NAMES}


def test_no_word_for_the_shell_is_too_long() -> None:
    worst = [os.urandom(60).hex() * 2 for _ in range(project.MOST_NAMES)]
    assert max(map(len, packed(worst))) < 100_000


@pytest.mark.parametrize(
    "output", [[], ["state 644 - a"], ["place elsewhere"], ["place there", f"record sent {'=' * 5}"]]
)
def test_an_answer_that_is_none_is_an_error(output: list[str]) -> None:
    with pytest.raises(ValueError):
        ProjectFolder().process(output)


@pytest.mark.parametrize("fact", [ProjectFolder(), FilesThere()])
def test_an_answer_that_does_not_end_with_the_place_was_cut_off(fact: ProjectFolder | FilesThere) -> None:
    with pytest.raises(ValueError, match=r"^the answer was cut off$"):
        fact.process([f"state 644 {X} a"])


def test_only_what_the_script_says_is_a_state() -> None:
    assert FilesThere().process([f"644 {X} theirs", f"state 644 {X} a", "place there"]) == {"a": Entry("644", X, "a")}


def test_the_same_names_are_the_same_question_at_every_time() -> None:
    (word,) = packed(["a"])
    assert gzip.decompress(base64.b64decode(word)) == b"a\n" and base64.b64decode(word)[4:8] == bytes(4)


def test_a_record_that_leads_out_of_the_folder_or_says_nonsense_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"644 {X} /etc/passwd\n644 {X} a/../../b\nnonsense\n644 {X} ok\n"
    word = base64.b64encode(gzip.compress(text.encode())).decode()
    assert ProjectFolder().process(["noise", f"record sent {word}", "place there"]).known == (Entry("644", X, "ok"),)
    monkeypatch.setattr(project, "MOST_BYTES", 10)
    with pytest.raises(ValueError, match=r"^more than 10 bytes$"):
        ProjectFolder().process([f"record sent {word}", "place there"])


def test_another_user_looks_himself() -> None:
    assert by("", "echo 'x'") == "echo 'x'"
    assert shlex.split(by("me; x", "echo 'x'")) == ["runuser", "-u", "me; x", "--", "/bin/sh", "-c", "echo 'x'"]


def test_without_an_answer_there_is_nothing() -> None:
    assert (ProjectFolder.default(), FilesThere.default()) == (Seen(), {})


@pytest.mark.parametrize("line", ["record a", "record a b c", "record", "other a b"])
def test_a_line_that_is_no_record_is_passed_over(line: str) -> None:
    from gpustrap.engine.facts.project import _records

    assert list(_records([line])) == []


CUT = base64.b64encode(gzip.compress(f"644 {X} ok\n".encode(), mtime=0)[:-12]).decode()


@pytest.mark.parametrize(
    ("data", "why"),
    [("!!", "base64|padding"), ("aGVsbG8=", "incorrect header check"), (CUT, "^the answer was cut off$")],
)
def test_a_record_that_was_damaged_is_told_by_one_kind_of_error(data: str, why: str) -> None:
    from gpustrap.engine.facts.project import _records

    with pytest.raises(ValueError, match=why):
        list(_records([f"record a {data}"]))
