"""The programs that run on an instance by the Python of Hugging Face's client: what is there, and fetching the rest.

They are modules here, and one text there: what they import of ours stands before them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path

from gpustrap.resolve.hub import Store, Wanted

HERE = Path(__file__).parent
COMMON = ("told", "files", "held", "asked", "troubles", "look")
# Each program: its modules, and the function that it runs.
PROGRAMS = {"look": (COMMON, "look_at_all"), "fetch": ((*COMMON, "left", "progress", "whole", "fetch"), "fetch_all")}
OURS = re.compile(r"^from (gpustrap|__future__)\b[^\n(]*(\([^)]*\))?\n", re.MULTILINE)


@cache
def program(name: str) -> str:
    """The text of a program, which needs nothing of ours."""
    modules, first = PROGRAMS[name]
    files = (HERE.parents[1] / "resolve" / "hub.py", *(HERE / f"{module}.py" for module in modules))
    texts = [OURS.sub("", file.read_text("utf-8")) for file in files]
    return "\n".join(["from __future__ import annotations", *texts, f"{first}()\n"])


def arguments(store: Store, wanted: Sequence[Wanted]) -> str:
    """What the programs are told, as one word."""
    return json.dumps({"store": asdict(store), "wanted": [asdict(one) for one in wanted]})
