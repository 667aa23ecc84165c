from __future__ import annotations

from gpustrap.resolve.hub import Client, Store, Wanted

COMMIT = "0123456789" * 4


def test_only_a_whole_commit_is_pinned() -> None:
    assert Wanted("model", "a/b", COMMIT).pinned
    assert not any(Wanted("model", "a/b", name).pinned for name in ("main", COMMIT[:10], COMMIT.replace("0", "g")))


def test_the_cache_has_a_folder_a_repository_and_a_record_a_revision_with_its_patterns() -> None:
    one = Wanted("dataset", "org/name")
    assert one.folder == "datasets--org--name"
    others = (one, Wanted("dataset", "org/name", "v1"), Wanted("dataset", "org/name", allow=("a",)),
              Wanted("dataset", "org/name", ignore=("a",)), Wanted("dataset", "org/name", allow=("a", "b")))  # fmt: skip
    assert len({each.record for each in others}) == len(others)
    assert all(each.record.startswith("datasets--org--name--") for each in others)


def test_the_clients_programs_stand_beside_its_python() -> None:
    assert Client("/data/venvs/hub/bin/python", Store("", "")).bin == "/data/venvs/hub/bin"
