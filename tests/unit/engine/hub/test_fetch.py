"""What is asked of the client and what becomes of its answers; tests/lab/hub fetches by the real one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from gpustrap.resolve.hub import Store, Wanted

ONE = Wanted("model", "org/name", ignore=("*.bin",))
NEWEST = "a" * 40
FILES = {"config.json": b"{}", "w/model.safetensors": b"0123456789", "old.bin": b"xx"}
MODEL = "w/model.safetensors"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "token").write_text("hf_secret\n")
    return Store(str(tmp_path / "hub"), str(tmp_path / "deep" / "records"), str(tmp_path / "token"), workers=1)


@pytest.fixture
def hub(client):
    client.files, client.large = dict(FILES), (MODEL,)
    return client


@pytest.fixture
def fetch(store: Store):
    def of(wanted: Wanted = ONE) -> None:
        from gpustrap.engine.hub.fetch import fetch

        fetch(store, wanted)

    return of


def folder(store: Store) -> Path:
    return Path(store.cache, ONE.folder)


def blobs(store: Store) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder(store) / "blobs").iterdir()}


def test_each_file_is_fetched_checked_laid_out_and_told(hub, store: Store, fetch, capsys) -> None:
    fetch()
    wanted = [path for path in FILES if path != "old.bin"]
    assert blobs(store) == {hub.digest(path): FILES[path] for path in wanted}
    assert (folder(store) / "refs" / "main").read_text() == NEWEST
    record = json.loads(Path(store.records, ONE.record).read_text())
    assert record["commit"] == NEWEST and {path: told[0::2] for path, told in record["files"].items()} == {
        path: [len(FILES[path]), hub.digest(path)] for path in wanted
    }
    said = capsys.readouterr().out
    assert said == "[gpustrap] org/name: all 2 files are there and checked\n"
    assert {file.name for file in Path(store.records).iterdir()} == {ONE.record}


def test_the_client_is_asked_for_the_commit_with_the_token_and_for_the_bytes_that_lack(
    hub, store: Store, fetch
) -> None:
    part = folder(store) / "blobs" / f"{hub.digest(MODEL)}.gpustrap"
    part.parent.mkdir(parents=True)
    part.write_bytes(FILES[MODEL][:4])
    fetch()
    assert hub.asked("repo_info") == [
        {"words": ("org/name",), "token": "hf_secret", "repo_type": "model", "revision": "main", "timeout": 10}
    ]
    about = {"words": (), "token": "hf_secret", "repo_id": "org/name", "repo_type": "model"}
    assert hub.asked("list_repo_tree") == [{**about, "revision": NEWEST, "recursive": True}]
    small, large = hub.asked("http_get")
    bar = large.pop("tqdm_class")
    assert bar("text", disable=False).disable is True
    assert large == {
        "url": f"model org/name {NEWEST}|{MODEL}",
        "resume_size": 4,
        "headers": {"token": "hf_secret", "Accept-Encoding": "identity"},
        "expected_size": 10,
        "_nb_retries": 2,
    }
    assert (small["resume_size"], small["expected_size"]) == (0, 2)
    (laid,) = hub.asked("snapshot_download")
    assert laid.pop("tqdm_class")().disable is True
    assert laid == {
        "repo": "org/name",
        "repo_type": "model",
        "revision": NEWEST,
        "cache_dir": store.cache,
        "allow_patterns": None,
        "ignore_patterns": ["*.bin"],
        "max_workers": 1,
        "token": "hf_secret",
    }
    assert hub.constants.DOWNLOAD_CHUNK_SIZE == 1 << 17
    assert not part.exists()


def test_patterns_and_the_kind_are_the_clients_to_hear(hub, store: Store, fetch) -> None:
    fetch(Wanted("dataset", "org/name", allow=("*.json",)))
    (laid,) = hub.asked("snapshot_download")
    assert (laid["repo_type"], laid["allow_patterns"], laid["ignore_patterns"]) == ("dataset", ["*.json"], None)
    assert [how["url"].partition("|")[2] for how in hub.asked("http_get")] == ["config.json"]
    assert hub.asked("http_get")[0]["url"].startswith("dataset org/name ")


def test_what_is_there_is_fetched_once_and_of_what_moved_the_rest(hub, store: Store, fetch) -> None:
    fetch()
    hub.calls.clear()
    fetch()
    assert [name for name, _ in hub.calls] == ["repo_info", "list_repo_tree"]
    (folder(store) / "refs" / "main").write_text("b" * 40)
    hub.files["more.txt"] = b"more"
    fetch()
    assert [how["url"].partition("|")[2] for how in hub.asked("http_get")] == ["more.txt"]


def test_a_file_twice_under_one_digest_is_fetched_once(hub, store: Store, fetch) -> None:
    hub.files["again.json"] = FILES["config.json"]
    fetch()
    assert len(hub.asked("http_get")) == 2


def test_what_xet_has_is_left_to_the_client(hub, store: Store, fetch) -> None:
    hub.xet = (MODEL,)
    fetch()
    assert [how["url"].partition("|")[2] for how in hub.asked("http_get")] == ["config.json"]
    assert blobs(store)[hub.digest(MODEL)] == FILES[MODEL]


@pytest.mark.parametrize("how", ["no xet", "xet is off"])
def test_where_there_is_no_xet_it_comes_as_all_others(hub, store: Store, fetch, how: str) -> None:
    hub.xet, hub.can_xet = (MODEL,), how != "no xet"
    hub.constants.HF_HUB_DISABLE_XET = how == "xet is off"
    fetch()
    assert len(hub.asked("http_get")) == 2


def test_a_part_that_is_longer_than_its_file_is_begun_anew(hub, store: Store, fetch) -> None:
    part = folder(store) / "blobs" / f"{hub.digest(MODEL)}.gpustrap"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"y" * 11)
    fetch()
    assert blobs(store)[hub.digest(MODEL)] == FILES[MODEL]
    assert hub.asked("http_get")[1]["resume_size"] == 0


def test_a_whole_part_is_gone_on_with(hub, store: Store, fetch) -> None:
    part = folder(store) / "blobs" / f"{hub.digest(MODEL)}.gpustrap"
    part.parent.mkdir(parents=True)
    part.write_bytes(FILES[MODEL])
    fetch()
    assert hub.asked("http_get")[1]["resume_size"] == len(FILES[MODEL])


def test_a_file_that_is_not_what_the_hub_says_becomes_no_blob(hub, store: Store, fetch) -> None:
    from gpustrap.engine.hub.asked import Trouble

    hub.gives[MODEL] = b"0123456780"
    with pytest.raises(Trouble) as trouble:
        fetch()
    assert (trouble.value.word, trouble.value.fields) == ("digest", {"repo": "org/name", "file": MODEL})
    assert set(blobs(store)) == {hub.digest("config.json")}
    assert not (folder(store) / "snapshots").exists()
    hub.gives.clear()
    fetch()
    assert blobs(store)[hub.digest(MODEL)] == FILES[MODEL]


def test_after_a_trouble_no_further_file_is_begun(hub, store: Store, fetch) -> None:
    from gpustrap.engine.hub.asked import Trouble

    hub.gives["config.json"] = OSError("too large to be downloaded")
    with pytest.raises(Trouble) as trouble:
        fetch()
    about = {"repo": "org/name", "revision": "main", "file": "config.json"}
    assert (trouble.value.word, trouble.value.fields) == ("large", about)
    assert len(hub.asked("http_get")) == 1


def test_a_part_that_another_writes_is_left_to_him(hub, store: Store, fetch) -> None:
    import fcntl

    from gpustrap.engine.hub.asked import Trouble

    part = folder(store) / "blobs" / f"{hub.digest(MODEL)}.gpustrap"
    part.parent.mkdir(parents=True)
    with part.open("ab") as his:
        fcntl.flock(his, fcntl.LOCK_EX)
        his.write(b"abc")
        his.flush()
        with pytest.raises(Trouble) as trouble:
            fetch()
        assert (trouble.value.word, trouble.value.fields) == ("taken", {"file": str(part)})
    assert part.read_bytes() == b"abc"


def test_a_damaged_blob_is_fetched_again(hub, store: Store, fetch, capsys) -> None:
    fetch()
    (folder(store) / "blobs" / hub.digest(MODEL)).write_bytes(b"012345678x")
    fetch()
    assert blobs(store)[hub.digest(MODEL)] == FILES[MODEL]
    assert f"[gpustrap] {MODEL} was damaged, and is fetched again\n" in capsys.readouterr().out


@pytest.mark.parametrize("why", ["large", "room"])
def test_what_cannot_be_had_whole_is_not_begun(hub, store: Store, fetch, monkeypatch, why: str) -> None:
    from gpustrap.engine.hub import asked, look
    from gpustrap.engine.hub.asked import Trouble

    if why == "large":
        monkeypatch.setattr(asked, "HTTP_BYTES", 9)
    else:
        monkeypatch.setattr(look.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 11}))
    with pytest.raises(Trouble) as trouble:
        fetch()
    assert trouble.value.word == why
    assert hub.asked("http_get") == hub.asked("snapshot_download") == []


def test_what_is_there_counts_whole_and_in_parts_while_the_rest_is_fetched(
    hub, store: Store, monkeypatch, fetch
) -> None:
    from gpustrap.engine.hub import fetch as module

    seen = []

    class Watched(module.Progress):
        def __init__(self, name: str, total: int, had: Any) -> None:
            super().__init__(name, total, had)
            seen.extend([name, total, had()])

    monkeypatch.setattr(module, "Progress", Watched)
    places = folder(store) / "blobs"
    places.mkdir(parents=True)
    (places / hub.digest("config.json")).write_bytes(FILES["config.json"])
    (places / f"{hub.digest(MODEL)}.gpustrap").write_bytes(b"0123")
    hub.files["more.txt"] = b"more"
    fetch()
    assert seen == ["name", 16, 6]


def test_what_was_just_fetched_is_not_read_a_second_time(hub, store: Store, fetch, monkeypatch) -> None:
    from gpustrap.engine.hub import whole

    monkeypatch.delattr(whole, "digest_of")
    fetch()
    assert len(blobs(store)) == 2


def test_a_disk_without_flock_is_written_to_all_the_same(hub, store: Store, fetch, monkeypatch) -> None:
    import fcntl

    def none(*_: object) -> None:
        raise OSError("Function not implemented")

    monkeypatch.setattr(fcntl, "flock", none)
    fetch()
    assert len(blobs(store)) == 2


def run(program: str, store: Store, *wanted: Wanted) -> int:
    """The program's exit status, as on the instance."""
    import importlib

    from gpustrap.engine.hub import PROGRAMS, arguments

    module: Any = importlib.import_module(f"gpustrap.engine.hub.{program}")
    sys.argv[1:] = [arguments(store, wanted)]
    try:
        getattr(module, PROGRAMS[program][1])()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "argv", ["program", ""])
    return run


def test_the_trouble_with_one_keeps_the_others_from_nothing(hub, store: Store, program, capsys) -> None:
    hub.gives[MODEL] = b"0123456780"
    json_alone = Wanted("model", "org/other", allow=("*.json",))
    assert program("fetch", store, ONE, json_alone) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[-2:] == [
        "[gpustrap] org/other: all 1 files are there and checked",
        f'hub-trouble ["digest", {{"repo": "org/name", "file": "{MODEL}"}}]',
    ]
    assert program("fetch", store, json_alone) == 0
    assert "hub-trouble" not in capsys.readouterr().out


@pytest.mark.parametrize(("name", "most"), [("fetch", 900), ("look", 0)])
def test_all_questions_pass_one_gate_that_whoever_looks_does_not_wait_at(
    hub, store: Store, program, name: str, most: int
) -> None:
    assert program(name, store) == 0
    hooks = hub.client().event_hooks
    assert [one for one in hooks["request"] if one == "theirs"] == ["theirs"]
    (asks,) = (one for one in hooks["request"] if one != "theirs")
    (answered,) = (one for one in hooks["response"] if one != "theirs")
    assert asks.__self__ is answered.__self__
    assert (asks.__func__.__name__, answered.__func__.__name__) == ("asks", "answered")
    assert asks.__self__.most == most


def test_looking_asks_once_what_does_not_answer_and_fetches_nothing(hub, store: Store, program, capsys) -> None:
    other = Wanted("dataset", "org/name")
    assert program("look", store, ONE, other) == 0
    lines = [json.loads(line.removeprefix("hub ")) for line in capsys.readouterr().out.splitlines()]
    lacking = {"state": "lacking", "commit": "", "newest": NEWEST}
    assert lines == [{"at": 0, **lacking, "files": 2, "bytes": 12}, {"at": 1, **lacking, "files": 3, "bytes": 14}]
    assert hub.asked("http_get") == [] and not Path(store.cache).exists()


def test_parts_of_a_client_that_is_gone_are_taken_away(hub, store: Store, fetch, capsys) -> None:
    part = folder(store) / "blobs" / "aa.12345678.incomplete"
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(2_000_000))
    fetch()
    assert not part.exists() and "1 parts of files (2 MB) of a client that is gone" in capsys.readouterr().out


@pytest.mark.parametrize("failing", ["repo_info", "list_repo_tree"])
def test_looking_asks_a_hub_that_fails_once_and_fetching_asks_again(
    hub, store: Store, program, monkeypatch, failing: str
) -> None:
    import time

    from gpustrap.engine.hub.fetch import fetch

    class Failed(Exception):
        response = type("Response", (), {"status_code": 503})

    asked = []

    def fails(*words: object, **_: object) -> None:
        asked.append(words)
        raise Failed

    def api(**_: object) -> Any:
        made = hub.api()
        setattr(made, failing, fails)
        return made

    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr(sys.modules["huggingface_hub"], "HfApi", api)
    program("look", store, ONE)
    assert len(asked) == 1
    with pytest.raises(Failed):
        fetch(store, ONE)
    assert len(asked) == 1 + 5


@pytest.mark.parametrize("name", ["look", "fetch"])
def test_a_program_is_one_text_that_runs_its_function_and_needs_nothing_of_ours(name: str) -> None:
    from gpustrap.engine.hub import PROGRAMS, program

    text = program(name)
    compile(text, name, "exec")
    lines = text.splitlines()
    assert (lines[0], lines[-1]) == ("from __future__ import annotations", f"{PROGRAMS[name][1]}()")
    assert not [line for line in lines if line.startswith("from gpustrap")] and lines.count(lines[0]) == 1
    names: dict[str, Any] = {"__name__": "__main__"}
    exec("\n".join(lines[:-1]), names)
    assert callable(names[PROGRAMS[name][1]])
