from __future__ import annotations

import pytest

from gpustrap.engine.batch import Answer
from gpustrap.engine.exhausted import is_sound, lack_of, sound
from gpustrap.engine.failures import of_operation
from gpustrap.engine.no_shell import of_no_shell
from gpustrap.errors import InstanceFailed

PROCESSES = (
    "/bin/sh: 1: Cannot fork",
    "bash: fork: retry: Resource temporarily unavailable",
    "bash: fork: Cannot allocate memory; fork failed",
    "zsh: fork failed: resource temporarily unavailable",
    "timeout: fork system call failed: Resource temporarily unavailable",
    "create window failed: fork failed: Resource temporarily unavailable",
    "BlockingIOError: [Errno 11] Resource temporarily unavailable",
    "RuntimeError: can't start new thread",
    "OpenBLAS blas_thread_init: pthread_create failed for thread 3 of 64: Resource temporarily unavailable",
)
MEMORY = ("OSError: [Errno 12] Cannot allocate memory", "MemoryError", "terminate called … std::bad_alloc")
FILES = ("OSError: [Errno 24] Too many open files",)
DISK = ("sh: 1: echo: echo: No space left on device",)
OTHERS = (
    "E: Could not get lock /var/lib/dpkg/lock-frontend - open (11: Resource temporarily unavailable)",
    "fatal: could not fork the repository's name",
    "the forklift failed",
    "",
)
SAID = {
    **dict.fromkeys(PROCESSES, "the instance can start no more processes"),
    **dict.fromkeys(MEMORY, "the instance's memory is full"),
    **dict.fromkeys(FILES, "too many files are open on the instance"),
    **dict.fromkeys(DISK, "the disk is full"),
    **dict.fromkeys(OTHERS),
}


@pytest.mark.parametrize(("words", "sentence"), SAID.items())
def test_what_there_is_none_of_is_told_from_the_words_of_whoever_met_it(words: str, sentence: str | None) -> None:
    lack = lack_of(f"first line\n{words}\n")
    assert (lack and lack.sentence) == sentence
    assert lack is None or lack.match in words


@pytest.mark.parametrize("words", [*PROCESSES, *MEMORY, *FILES])
def test_a_login_that_could_run_nothing_is_not_said_to_have_a_bad_shell(words: str) -> None:
    failure = of_no_shell(2, words)
    assert failure.error == f"{SAID[words]} ({words})"
    assert failure.operation == "connect" and failure.hint and "login shell reads" not in failure.hint


@pytest.mark.parametrize("words", [*PROCESSES, *MEMORY, *FILES])
def test_an_operation_that_met_it_says_so(words: str) -> None:
    assert of_operation([words], True, "base", "packages").error == f"{SAID[words]} ({words})"


@pytest.mark.parametrize("words", PROCESSES)
def test_what_a_shell_without_processes_answers_is_no_answer(words: str) -> None:
    answer = Answer(0, b"web\n", b"caf\xe9\n" + f"{words}\n".encode())
    with pytest.raises(InstanceFailed) as failed:
        sound(answer)
    lack = lack_of(words)
    assert lack is not None and not is_sound(answer)
    assert str(failed.value) == (
        f"the instance can start no more processes ({lack.match})\n"
        "hint: what runs there has used up its limit (pids.max of its cgroup, `ulimit -u`) or its memory: end some of "
        "it, or restart the instance"
    )


@pytest.mark.parametrize("words", [*MEMORY, *FILES, *DISK, *OTHERS])
def test_other_words_of_a_questions_are_its_own(words: str) -> None:
    answer = Answer(0, b"web\n", words.encode())
    assert sound(answer) is answer and is_sound(answer)
