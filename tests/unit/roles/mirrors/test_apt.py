"""What the plan says of apt's sources that apt itself cannot read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roles.mirrors.apt import unreadable

FILE = "/etc/apt/sources.list.d/x.list"


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (FILE, "# a\n\ndebb http://x y\n", f"{FILE}:3: apt knows no type 'debb'"),
        (FILE, "deb http://x\n", f"{FILE}:1: an address and a suite have to follow"),
        (FILE, "deb http://x y main # z\ndeb-src [a=b] http://x ./\n  # deb\n", None),
        ("/etc/apt/sources.list.d/x.sources", "Types: deb\n", None),
    ],
)
def test_a_line_that_apt_cannot_read_is_named(survey, path, text, said) -> None:
    told = unreadable(replace(survey, apt_texts={path: text}))
    end = "; apt installs nothing until that is mended or taken away"
    assert told == ((said + end,) if said else ())
