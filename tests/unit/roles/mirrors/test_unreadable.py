from __future__ import annotations

from dataclasses import replace

import pytest

from roles.mirrors.unreadable import unreadable

FILE = "/etc/apt/sources.list.d/x.list"
DEB822 = "/etc/apt/sources.list.d/x.sources"
WHOLE = "Types: deb\nURIs: http://x\nSuites: y\nComponents: main\n"


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (FILE, "# a\n\ndebb http://x y\n", "3: apt knows no type 'debb'"),
        (FILE, "deb http://x\n", "1: an address and a suite have to follow"),
        (FILE, "deb http://x ./\n", None),
        (FILE, "deb http://x y main # z\ndeb-src [a=b] http://x ./\n  # deb\n", None),
        (DEB822, "Types deb\nnonsense\n", "1: no field: a colon is missing"),
        (DEB822, f"{WHOLE}# c\nFoo bar\n", "6: no field: a colon is missing"),
        (DEB822, f"{WHOLE}Xoo bar\n", "5: no field: a colon is missing"),
        (DEB822, "Types: deb\nSuites: x\n", "1: the stanza has no URIs"),
        (DEB822, "Types: deb\nURIs: http://x\n", "1: the stanza has no Suites"),
        (DEB822, "Types: deb\nURIs: http://x\nSuites: y\n", "1: the stanza has no Components"),
        (DEB822, f"{WHOLE}\n\n{WHOLE.replace('deb', 'foo')}", "7: apt knows no type 'foo'"),
        (DEB822, "URIs: http://x\nSuites: y\nComponents: main\n", "1: the stanza has no Types"),
        (DEB822, f" {WHOLE}", "1: the stanza has no Types"),
        (DEB822, "Enabled: no\nURIs: http://x\n", "1: the stanza has no Types"),
        (DEB822, "Types: deb\nEnabled: no\n", None),
        (DEB822, "Types: deb\nEnabled: No\n", None),
        (DEB822, "Types: deb\nURIs: http://x\nSuites: ./\n", None),
        (DEB822, "# only a comment\n", None),
        (DEB822, f"\n\n{WHOLE}Signed-By:\n -----BEGIN X\n no colon\n .\n\n\n{WHOLE}", None),
        (DEB822, "", None),
        (DEB822, WHOLE.replace(":", " :"), None),
    ],
)
def test_what_apt_cannot_read_is_named(survey, path, text, said) -> None:
    told = unreadable(replace(survey, apt_texts={path: text}))
    end = "; apt installs nothing until that is mended or taken away"
    assert told == ((f"{path}:{said}{end}",) if said else ())
