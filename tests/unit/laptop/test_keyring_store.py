"""A keyring is used where there is one; whatever it does, a run goes on. The library here is a fake in a real process.

The real one is tried by tests/lab/test_keyring.py.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gpustrap.laptop import keyring_store

LIBRARY = """
import json, os, pathlib, sys, time
FILE = pathlib.Path(__file__).with_name("held.json")
class Backend:
    name, priority = "Keychain", {priority}
    def get_password(self, service, login):
        {trouble}
        return json.loads(FILE.read_text()).get(service + login) if FILE.exists() else None
    def set_password(self, service, login, password):
        {trouble}
        assert password not in " ".join(sys.argv)
        FILE.write_text(json.dumps({{service + login: password}}))
    def delete_password(self, service, login):
        FILE.unlink()
get_keyring = Backend
"""


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes a library `keyring` that this process and its children find."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(keyring_store, "_silent", [])

    def make(priority: float = 5.0, trouble: str = "pass") -> None:
        (tmp_path / "keyring.py").write_text(LIBRARY.format(priority=priority, trouble=trouble), encoding="utf-8")

    return make


def test_a_password_is_kept_found_changed_and_forgotten(library):
    library()
    assert keyring_store.keyring_name() == "Keychain" and keyring_store.kept("root@h:22") is None
    assert keyring_store.keep("root@h:22", "pw 密码\n") and keyring_store.kept("root@h:22") == "pw 密码\n"
    assert keyring_store.keep("root@h:22", "other") and keyring_store.kept("root@h:22") == "other"
    assert keyring_store.kept("root@h:23") is None
    keyring_store.forget("root@h:22")
    assert keyring_store.kept("root@h:22") is None


@pytest.mark.parametrize("trouble", [{"priority": 0}, {"trouble": "raise RuntimeError('locked')"}])
def test_where_there_is_none_or_it_stays_locked_nothing_is_kept(library, trouble):
    library(**trouble)
    assert (keyring_store.keyring_name() is None) is ("priority" in trouble)
    assert keyring_store.kept("a@b:1") is None and not keyring_store.keep("a@b:1", "pw")
    assert not keyring_store.gave_no_answer()


def test_without_the_library_no_process_is_started(monkeypatch):
    monkeypatch.setattr(keyring_store, "find_spec", lambda _name: None)
    monkeypatch.setattr(keyring_store.subprocess, "run", lambda *_, **__: pytest.fail("started"))
    assert keyring_store.keyring_name() is None and not keyring_store.keep("a@b:1", "pw")


def test_one_that_waits_for_its_person_is_left_alone_in_time_and_asked_no_more(library, monkeypatch):
    library(trouble="time.sleep(60)")
    monkeypatch.setattr(keyring_store, "SECONDS", 0.5)
    began = time.monotonic()
    assert keyring_store.kept("a@b:1") is None and not keyring_store.keep("a@b:1", "pw")
    assert time.monotonic() - began < 20 and keyring_store.gave_no_answer()


def test_a_file_of_that_name_where_the_person_stands_is_not_the_library(library, tmp_path, monkeypatch):
    library()
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "keyring.py").write_text("raise SystemExit(0)", encoding="utf-8")
    monkeypatch.chdir(tmp_path / "here")
    assert keyring_store.keyring_name() == "Keychain"
