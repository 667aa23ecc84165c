"""Whose box it is: another project's box asks before it is taken over."""

from __future__ import annotations

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.run.owner import check_owner, owner_of
from gpustrap.run.work import Options


def owned(world, owner, options=Options()):  # noqa: B008 (frozen)
    world.sessions["one"].has(owner=owner)
    work = world.work(options)
    work.survey = work.session.survey()
    return work


@pytest.mark.parametrize("owner", [None, "shop/one"])
def test_a_box_of_nobody_or_our_own_is_free(world, owner):
    check_owner(owned(world, owner, Options(takes_over=lambda *_: pytest.fail("asked"))), world.project)


def test_the_name_is_the_folders_whatever_way_it_is_given(world, monkeypatch):
    monkeypatch.chdir(world.project)
    work = world.work()
    assert {owner_of(work, path) for path in (world.project, world.project / ".." / "shop", type(world.project)())} == {
        "shop/one"
    }


@pytest.mark.parametrize("owner", ["other/one", "shop/two", "shop/one2", ""])
@pytest.mark.parametrize("options", [Options(), Options(takes_over=lambda *_: False)], ids=["nobody there", "no"])
def test_another_ones_box_is_let_be_and_the_way_to_take_it_is_said(world, owner, options):
    with pytest.raises(InstanceFailed) as failed:
        check_owner(owned(world, owner, options), world.project)
    assert str(failed.value) == (
        f"owner: it is set up as '{owner}', not as 'shop/one': its files and services would be replaced\n"
        "hint: if that is meant: `gpustrap up one --take-over`"
    )


@pytest.mark.parametrize(
    "options",
    [
        Options(takes_over=lambda *_: True),
        Options(take_over=True),
        Options(take_over=True, takes_over=lambda *_: pytest.fail("said already")),
    ],
)
def test_it_is_taken_over_where_the_person_says_so(world, options):
    check_owner(owned(world, "other/one", options), world.project)


def test_who_is_asked_hears_whose_it_is(world):
    asked = []
    check_owner(owned(world, "other/one", Options(takes_over=lambda *words: not asked.append(words))), world.project)
    assert asked == [("one", "it is set up as 'other/one', not as 'shop/one'")]
