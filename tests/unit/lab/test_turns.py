from __future__ import annotations

from pathlib import Path

import pytest

from gpustrap.lab.turns import Turns

# What passes the relay on a link of 1 s: `<` is heard by the client, `>` is said by it, at so many seconds.
PASSES = {
    "nothing": ("", 0),
    "the client speaks first": ("0>", 0),
    "a greeting is answered": ("0> 2< 2.01>", 1),
    "one question after another": ("2< 2> 3< 3> 4< 4> 5<", 3),
    "a question in pieces": ("2< 2> 2.001> 2.002> 3< 3>", 2),
    "an answer in pieces, each acknowledged": ("2< 2> 3< 3> 3.01< 3.01> 3.02< 3.02> 4< 4>", 3),
    "two questions that do not wait for each other": ("2< 2> 2.5< 2.5> 3< 3> 3.5< 3.5>", 2),
    "what is said unasked": ("2< 2> 5> 8>", 1),
}


@pytest.mark.parametrize(("passes", "count"), PASSES.values(), ids=PASSES)
def test_a_round_trip_is_what_the_client_waits_for(passes, count, tmp_path: Path) -> None:
    turns = Turns(1)
    for one in passes.split():
        {"<": turns.hears, ">": turns.speaks}[one[-1]](float(one[:-1]))
    turns.keep(tmp_path / "turns")
    turns.keep(tmp_path / "turns")
    turns.keep(None)
    assert (turns.count, (tmp_path / "turns").read_text()) == (count, f"{count}\n{count}\n")
