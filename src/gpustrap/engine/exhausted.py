"""What an instance has run out of, from its own words: processes, memory, open files, room on a disk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gpustrap.engine.batch import Answer
from gpustrap.errors import InstanceFailed
from gpustrap.language import mark, tr

# The words of dash, bash and zsh, of coreutils' timeout, of tmux, of Python and of glibc. What apt says of a lock that
# another has ("11: Resource temporarily unavailable") is none of these.
EXHAUSTED = (
    (
        r"[Cc](annot|an't) fork|[Ff]ork\b.{0,30}([Rr]esource temporarily unavailable|failed)"
        r"|BlockingIOError: \[Errno 11\]|can't start new thread|pthread_create failed",
        mark("the instance can start no more processes"),
        mark(
            "what runs there has used up its limit (pids.max of its cgroup, `ulimit -u`) or its memory: end some of "
            "it, or restart the instance"
        ),
    ),
    (
        r"Cannot allocate memory|MemoryError|std::bad_alloc",
        mark("the instance's memory is full"),
        mark("`ps -eo rss,args --sort=-rss | head` there shows what has it: end that, or rent more"),
    ),
    (
        r"Too many open files",
        mark("too many files are open on the instance"),
        mark("`ulimit -n` of that login is the limit; a start-up file there may set it"),
    ),
    (
        r"No space left on device",
        mark("the disk is full"),
        mark("`df -h` on the instance shows which; free some, then run again"),
    ),
)


@dataclass(frozen=True)
class Lack:
    """`sentence` says what there is none of, `hint` what to do, `match` the words that tell it."""

    sentence: str
    hint: str
    match: str


def sound(answer: Answer) -> Answer:
    """The answer. Raises InstanceFailed where its shell could start no process: what it says without is not so."""
    if lack := _lack_in(answer):
        raise InstanceFailed(f"{lack.sentence} ({lack.match})", hint=lack.hint)
    return answer


def is_sound(answer: Answer) -> bool:
    """Whether its shell could start what it had to; one of which it could not is to be asked again."""
    return _lack_in(answer) is None


def _lack_in(answer: Answer) -> Lack | None:
    return lack_of(answer.stderr.decode("utf-8", "replace"), EXHAUSTED[:1])


def lack_of(words: str, rows: Sequence[tuple[str, str, str]] = EXHAUSTED) -> Lack | None:
    """What the instance had none of, if that is what these words say."""
    seen = ((re.search(pattern, words), sentence, hint) for pattern, sentence, hint in rows)
    return next((Lack(tr(sentence), tr(hint), match[0]) for match, sentence, hint in seen if match), None)
