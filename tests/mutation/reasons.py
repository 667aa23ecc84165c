"""Why a surviving mutant is none that a test has to kill: (a part of FILE:FUNCTION [change] text, the reason)."""

from __future__ import annotations

IMPORT = "import of the engine, once in a process: shown in a process of its own (tests/unit/engine/test_start.py) and in the lab"
SAME = "equivalent: the result is the same"
WORDS = "equivalent: a name that nobody outside sees"
NOWHERE = "equivalent: what is no answer is none, whatever the word for it"

REASONS = (
    ("engine/__init__.py", IMPORT),
    ("pyinfra_internals.py", IMPORT),
    ("strict=", "equivalent: the numbers are equal by what stands above"),
    ("zip(", "equivalent: the numbers are equal by what stands above"),
    ("pytrace", "equivalent: the proof shows a test's words alone"),
    ("_TOP = ", WORDS),
    ("TOP = ", WORDS),
    ("_KEY = ", WORDS),
    ("NAME = ", WORDS),
    ("logging.getLogger", WORDS),
    ('"sha256:"', WORDS),
    ("MOST_IN_REQUEST", "equivalent: one byte more than a bound that has room"),
    ("PIECE", "equivalent: how much is read at once"),
    ("compresslevel", "equivalent: how small it is packed"),
    ("autojunk", "equivalent below 200 lines: how differences are looked for"),
    ("self._buffer = b", "equivalent: nothing reads it any more"),
    ("shlex.quote(mark)", "equivalent: a mark is hexadecimal"),
    ("killall(readers", "equivalent: closing the channel ends both readings"),
    ("kill(block=False)", "equivalent: the watch waits for nothing"),
    ("without frozenset", "equivalent: looked into, never changed"),
    ("without ''", NOWHERE),
    ('.get("status", "")', NOWHERE),
    ('said.get("uv-version", "")', NOWHERE),
    ("ConnectError", "equivalent: it is a PyinfraError"),
    ("set_stage(StateStage.Connect)", "equivalent: pyinfra's own bookkeeping, read by its CLI"),
    ("raise NotImplementedError", "equivalent: every kind of document has its own"),
    ("scope=", "equivalent but for the time: fixtures are made more often"),
    ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "equivalent here: no other plugin is installed that would print"),
    ("--rootdir", "equivalent: a role is known by its folder's name"),
    ("default_factory=", "equivalent: every caller gives it"),
    ("timeout=seconds", "the end of a greenlet that does not end: shown in the lab (Ctrl-C)"),
    ("shell in (variables", "shown in the lab: what a login shell has"),
    ('(told["cuda"] or "")', NOWHERE),
    ("json.loads(record or", "equivalent: no record and a damaged one are the same"),
    ("version_of [without its if] return tuple(", "equivalent: where None is among them, nothing is taken"),
    ("self._held_back", "equivalent: a little more is held back than has to be"),
    ("width = 1_000_000", "equivalent: beyond every line"),
    ("last < first", "equivalent: no line is both"),
    ("def _changed(form", "equivalent: without keys that go, nobody asks for the original"),
    ("if url and (host :=", "equivalent: what is no address has no host"),
    ("if seconds is not None else", "equivalent: without a limit there is no such sentence"),
    ("gevent.Timeout(0.5, False)", "equivalent: how long a box that does not answer is waited for"),
    ("text_of", "equivalent but for the length: comments of a script need not travel"),
)
