from __future__ import annotations

import pytest

from gpustrap.laptop.tree import Entry
from gpustrap.resolve.project import Seen, Sync, compare, unknown

OLD, NEW, THEIRS = (Entry("644", one * 64, "a") for one in "012")


def there(*known: Entry, unfinished: bool = False, **states: Entry | None) -> Seen:
    return Seen("there", known, states, unfinished)


def what(sync: Sync) -> tuple[list[str], list[str], list[str], bool]:
    return [one.path for one in sync.send], [*sync.gone], [*sync.changed], sync.done


@pytest.mark.parametrize(
    ("wanted", "seen", "others", "found"),
    [
        ([NEW], Seen(), {}, (["a"], [], [], False)),
        ([OLD], there(OLD), {}, ([], [], [], True)),
        ([NEW], there(OLD), {}, (["a"], [], [], False)),
        ([], there(OLD), {}, ([], ["a"], [], False)),
        ([], there(OLD, a=None), {}, ([], [], [], False)),  # the record still has it
        ([OLD], there(OLD, a=None), {}, (["a"], [], [], False)),
        ([NEW], there(OLD, a=NEW), {}, ([], [], [], False)),  # the same change in both places
        ([OLD], there(OLD, a=Entry("600", OLD.sum, "a")), {}, (["a"], [], [], False)),
        ([OLD], there(OLD, a=THEIRS), {}, ([], [], ["a"], False)),
        ([NEW], there(OLD, a=THEIRS), {}, ([], [], ["a"], False)),
        ([], there(OLD, a=THEIRS), {}, ([], [], ["a"], False)),
        ([NEW], there(OLD, a=Entry("other", "-", "a")), {}, ([], [], ["a"], False)),
        ([NEW], there(), {"a": THEIRS}, ([], [], ["a"], False)),
        ([NEW], there(), {"a": NEW}, ([], [], [], False)),
        ([NEW], there(OLD, NEW, unfinished=True, a=OLD), {}, (["a"], [], [], False)),
        ([NEW], there(OLD, NEW, unfinished=True, a=NEW), {}, ([], [], [], False)),
        ([THEIRS], there(OLD, NEW, unfinished=True, a=NEW), {}, (["a"], [], [], False)),
    ],
)  # fmt: skip
def test_what_has_to_be_done(wanted, seen, others, found) -> None:
    sync = compare(wanted, seen, others)
    assert (what(sync)[:3], sync.done and not sync.changed) == (found[:3], found[3])


@pytest.mark.parametrize("wanted", [[NEW], [OLD]])
def test_what_was_changed_there_is_replaced_once_it_is_stashed(wanted) -> None:
    assert what(compare(wanted, there(OLD, a=THEIRS), {}, "stash")) == (["a"], [], ["a"], False)
    assert what(compare([], there(OLD, a=THEIRS), {}, "stash")) == ([], ["a"], ["a"], False)
    assert what(compare(wanted, there(), {"a": THEIRS}, "stash")) == (["a"], [], ["a"], False)


@pytest.mark.parametrize("wanted", [[NEW], [OLD], []])
def test_what_was_changed_there_and_is_kept_leaves_nothing_to_do(wanted) -> None:
    assert what(compare(wanted, there(OLD, a=THEIRS), {}, "keep")) == ([], [], ["a"], True)


def test_what_was_not_sent_and_is_kept_is_in_no_record() -> None:
    sync = compare([NEW], there(), {"a": THEIRS}, "keep")
    assert (what(sync), sync.record) == (([], [], ["a"], True), "")


def test_the_instance_is_asked_only_where_it_may_have_something_of_its_own() -> None:
    assert unknown([OLD], Seen("empty")) == unknown([OLD], Seen()) == unknown([NEW], there(OLD)) == ()
    assert unknown([OLD, Entry("644", "0", "b")], there(NEW)) == ("b",)
