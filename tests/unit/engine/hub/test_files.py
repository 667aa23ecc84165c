from __future__ import annotations

import hashlib
from pathlib import Path


def test_digests_are_those_of_sha256sum_and_of_git(tmp_path: Path) -> None:
    from gpustrap.engine.hub.files import digest_of

    file = tmp_path / "a"
    file.write_bytes(b"hello\n")
    assert digest_of(file, "sha256") == hashlib.sha256(b"hello\n").hexdigest()
    assert digest_of(file, "sha1") == "ce013625030ba8dba906f756967f9e9ca394464a"  # git hash-object


def test_a_file_that_is_not_there_has_no_state(tmp_path: Path) -> None:
    from gpustrap.engine.hub.files import state_of

    (tmp_path / "a").write_text("abc")
    assert state_of(tmp_path / "b") is None
    assert state_of(tmp_path / "a") == [3, (tmp_path / "a").stat().st_mtime_ns]
