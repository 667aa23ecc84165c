from __future__ import annotations

import pytest

from gpustrap.engine.facts.detached import DetachedJob, JobState


@pytest.mark.parametrize(
    ("printed", "state", "done"),
    [
        ([], JobState(), True),
        (["job running", "job identity 2d71"], JobState("2d71", running=True), False),
        (["job identity 2d71"], JobState("2d71"), False),  # cut short
        (["job identity 2d71", "job status 1"], JobState("2d71", status=1), False),
        (["job identity 2d71", "job status 0"], JobState("2d71", status=0), True),
        (["job running", "job identity 2d71", "job status 0"], JobState("2d71", running=True, status=0), True),
    ],
    ids=["never started", "at work", "cut short", "failed", "done", "done, session not yet gone"],
)
def test_a_job_is_done_once_it_has_ended_well(printed, state, done):
    assert DetachedJob().process(printed) == state
    assert state.done == done


@pytest.mark.parametrize(
    ("state", "joined"),
    [
        (JobState("2d71", running=True), True),
        (JobState("other", running=True), False),
        (JobState("2d71"), False),
        (JobState("2d71", running=True, status=1), False),
        (JobState(), False),
    ],
)
def test_only_a_job_at_work_for_the_same_is_joined(state, joined):
    assert state.runs("2d71") == joined


def test_a_box_that_does_not_answer_has_no_job() -> None:
    assert DetachedJob.default() == JobState()


def test_noise_is_no_state_of_a_job() -> None:
    said = ["welcome status 7", "job identity id", "xjob status 3", "job running", "job a b c", "job"]
    assert DetachedJob().process(said) == JobState("id", True, None)
    assert DetachedJob().process(["job status x", "job identity id"]) == JobState("id", False, None)
    assert DetachedJob().process(["job status 0"]) == JobState(None, False, 0)


def test_a_line_with_more_words_is_none_of_a_jobs() -> None:
    assert DetachedJob().process(["job identity a b", "job identity ab", "job status"]).identity == "ab"


@pytest.mark.parametrize(
    ("running", "status", "cut"), [(False, 75, True), (True, 75, False), (False, 1, False), (False, None, False)]
)
def test_a_job_was_cut_off_where_it_has_ended_for_want_of_the_laptops_network(running, status, cut) -> None:
    assert JobState("2d71", running=running, status=status).cut_off is cut
