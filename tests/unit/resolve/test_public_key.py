"""The line of a .pub file is taken as it is pasted; everything else is refused in a sentence without the text."""

from __future__ import annotations

import pytest

from gpustrap.resolve.public_key import blob_of, name_of, public_key

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
BLOB = KEY.split()[1]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (KEY, KEY),
        (f"  {KEY}  me@home \n", f"{KEY} me@home"),
        (f"{KEY}\tmy 笔记本 $(x)", f"{KEY} my 笔记本 x "[:-1]),
    ],
)
def test_a_line_is_taken_with_its_comment(text, line):
    assert public_key(text) == line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected the line of a .pub file"),
        ("~/.ssh/id_ed25519.pub", "expected the line of a .pub file"),
        (BLOB, "expected the line of a .pub file"),
        (f'command="x" {KEY}', "expected the line of a .pub file"),
        (f"{KEY}\n{KEY}", "expected the line of a .pub file"),
        (f"ssh-dss {BLOB}", "expected the line of a .pub file"),
        (KEY[:-9], "the key is cut off or damaged"),
        (f"ssh-rsa {BLOB}", "the key is cut off or damaged"),
        ("ssh-ed25519 AAAA", "the key is cut off or damaged"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn", "this is a private key"),  # pragma: allowlist secret
    ],
)
def test_what_is_no_public_key_is_refused(text, said):
    with pytest.raises(ValueError, match=said) as refused:
        public_key(text)
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize(
    ("line", "blob"),
    [(f'from="10.0.0.1" {KEY} me', BLOB), (f"# {KEY}", ""), ("", ""), ("ssh-rsa", ""), ("rubbish here", "")],
)
def test_a_line_of_others_is_told_by_the_key_in_it(line, blob):
    assert blob_of(line) == blob


@pytest.mark.parametrize(("line", "name"), [(f"{KEY} me@home", "me@home"), (KEY, f"ssh-ed25519 …{BLOB[-8:]}")])
def test_a_key_has_a_name(line, name):
    assert name_of(line) == name
