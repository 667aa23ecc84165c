from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from gpustrap.engine.facts.files import FileState
from gpustrap.engine.keyed_files import KeyedFile, change, changed_keys
from gpustrap.engine.merge_forms import Unreadable

KEYS = {"global.index-url": "http://m/simple"}
OURS = "[global]\nindex-url = http://m/simple\n"
ABSENT = FileState("absent")


def standing(text: str, **more: Any) -> FileState:
    data = text.encode()
    return FileState("file", "644", hashlib.sha256(data).hexdigest(), text=data, **more)


def left(made: KeyedFile | None, original: bytes | None = None, mode: str = "644") -> FileState:
    """What stands there after `made` was put in place."""
    assert made is not None and made.data is not None
    state = standing(made.data.decode(), ours=True, record=made.record, original=original)
    return replace(state, mode=mode if made.mode == "-" else made.mode)


def test_keys_are_set_where_nothing_stands_and_then_nothing_changes() -> None:
    made = change("ini", KEYS, "mirrors", ABSENT)
    assert made is not None
    assert (made.why, made.data, made.mode) == ("global.index-url set", OURS.encode(), "-")
    assert change("ini", KEYS, "mirrors", left(made)) is None


def test_a_file_as_we_left_it_is_not_read_as_its_form() -> None:
    made = change("ini", KEYS, "mirrors", ABSENT)
    assert change("toml", KEYS, "mirrors", left(made)) is None  # in any form: the digest says it


def test_what_a_person_writes_beside_our_keys_stays_and_an_overwritten_key_is_set_again() -> None:
    state = left(change("ini", KEYS, "mirrors", ABSENT))
    assert change("ini", KEYS, "mirrors", replace(state, text=state.text + b"timeout = 9\n", sha256="other")) is None
    theirs = replace(state, text=b"[global]\nindex-url = http://other\ntimeout = 9\n", sha256="other")
    made = change("ini", KEYS, "mirrors", theirs)
    assert made is not None and made.data == b"[global]\nindex-url = http://m/simple\ntimeout = 9\n"


@pytest.mark.parametrize(
    ("original", "gives"),
    [
        (None, KeyedFile("global.index-url taken away")),
        (b"[global]\nindex-url = http://theirs\n", KeyedFile("global.index-url taken away")),
    ],
)
def test_keys_of_nobody_bring_the_original_back(original, gives) -> None:
    before = ABSENT if original is None else standing(original.decode())
    state = left(change("ini", KEYS, "mirrors", before), original)
    assert change("ini", {}, "mirrors", state) == gives


def test_what_was_written_since_stays_when_our_keys_go() -> None:
    state = left(change("ini", KEYS, "mirrors", ABSENT))
    since = replace(state, text=state.text + b"timeout = 9\n", sha256="other")
    made = change("ini", {}, "mirrors", since)
    assert made == KeyedFile("global.index-url taken away", b"[global]\ntimeout = 9\n", None)


@pytest.mark.parametrize("state", [ABSENT, standing("[global]\nx = 1\n")], ids=["nothing", "theirs"])
def test_no_keys_in_a_file_that_is_not_ours_change_nothing(state) -> None:
    assert change("ini", {}, "mirrors", state) is None


def test_each_part_has_its_own_keys() -> None:
    state = left(change("ini", KEYS, "mirrors", ABSENT))
    both = left(change("ini", {"global.proxy": "http://p"}, "network", state))
    assert both.text == OURS.encode() + b"proxy = http://p\n"
    assert set(json.loads(both.record or "")["parts"]) == {"mirrors", "network"}
    one = change("ini", {}, "mirrors", both)
    assert one is not None
    assert (one.why, one.data) == ("global.index-url taken away", b"[global]\nproxy = http://p\n")


def test_a_key_that_is_not_wanted_any_more_goes() -> None:
    state = left(change("ini", {**KEYS, "global.trusted-host": "m"}, "mirrors", ABSENT))
    made = change("ini", KEYS, "mirrors", state)
    assert made is not None and (made.why, made.data) == ("global.trusted-host taken away", OURS.encode())


def test_a_secret_makes_the_file_its_owners_alone_and_stands_in_no_record_or_reason() -> None:
    keys = {"global.index-url": SecretStr("http://u:canary@m/simple")}
    made = change("ini", keys, "mirrors", ABSENT)
    assert made is not None and made.mode == "600" and b"canary" in (made.data or b"")
    assert "canary" not in made.why + (made.record or "") + repr(made)
    state = left(made)
    assert change("ini", keys, "mirrors", state) is None
    opened = change("ini", keys, "mirrors", replace(state, mode="644"))
    assert opened is not None and (opened.why, opened.mode) == ("mode 644 → 600", "600")


def test_another_secret_is_a_change() -> None:
    state = left(change("ini", {"global.proxy": SecretStr("http://a")}, "network", ABSENT))
    made = change("ini", {"global.proxy": SecretStr("http://b")}, "network", state)
    assert made is not None and made.data == b"[global]\nproxy = http://b\n"


@pytest.mark.parametrize("record", ["", "no json", "[]", '{"parts": 3}', '{"parts": null}'])
def test_a_damaged_record_is_none(record) -> None:
    state = replace(left(change("ini", KEYS, "mirrors", ABSENT)), record=record)
    assert change("ini", {**KEYS, "global.timeout": 9}, "mirrors", state) is not None


def test_a_file_of_a_person_that_cannot_be_read_is_left_alone() -> None:
    with pytest.raises(Unreadable):
        change("toml", {"index-url": "m"}, "mirrors", standing("a = = 1\n"))
    with pytest.raises(Unreadable):
        change("toml", {"index-url": "m"}, "mirrors", standing("a = = 1\n", ours=True, original=b"a = = 1\n"))


def test_a_file_that_we_alone_made_is_made_anew_where_it_cannot_be_read() -> None:
    state = standing("a = = 1\n", ours=True)
    record = json.dumps({"sha256": state.sha256, "form": "toml", "parts": {"mirrors": {"native-tls": True}}})
    made = change("toml", {"offline": True}, "mirrors", replace(state, record=record))
    assert made is not None and made.data == b"offline = true\n"
    with pytest.raises(Unreadable):  # a person's file stood there
        change("toml", {"offline": True}, "mirrors", replace(state, record=record, original=b""))
    with pytest.raises(Unreadable):
        change("toml", {}, "mirrors", replace(state, record=record, sha256="other"))


@pytest.mark.parametrize("remembered", [True, False])
def test_what_a_person_wrote_since_is_not_made_anew_where_it_cannot_be_read(remembered: bool) -> None:
    record = left(change("toml", {"offline": True}, "mirrors", ABSENT)).record
    theirs = standing("index = = 3\nuser-thing = true\n", ours=True, record=record if remembered else None)
    for keys in ({"offline": True}, {"native-tls": True}):
        with pytest.raises(Unreadable) as refused:
            change("toml", keys, "mirrors", theirs)
        assert refused.value.line == 1


def test_a_whole_file_of_an_older_gpustrap_gives_way_to_the_original_with_our_keys() -> None:
    state = standing("# Managed by gpustrap\n[global]\nold = 1\n", ours=True, original=b"[global]\ntheirs = 1\n")
    made = change("ini", KEYS, "mirrors", state)
    assert made is not None and made.data == b"[global]\ntheirs = 1\nindex-url = http://m/simple\n"
    assert change("ini", {}, "mirrors", state) == KeyedFile("ours taken away")


def test_the_marked_lines_of_an_older_gpustrap_give_way_to_keys() -> None:
    block = "# gpustrap mirrors begin\n[global]\nindex-url = http://old\n# gpustrap mirrors end\n"
    made = change(
        "ini", KEYS, "mirrors", standing("[install]\nx = 1\n" + block, ours=True, original=b"[install]\nx = 1\n")
    )
    assert made is not None and made.data == b"[install]\nx = 1\n" + OURS.encode()


def test_neither_the_content_nor_the_record_is_shown() -> None:
    assert repr(KeyedFile("why", b"canary-a", "canary-b", "600")) == "KeyedFile(why='why', mode='600')"


def test_a_file_that_others_emptied_goes_with_our_last_key_where_nothing_stood_before() -> None:
    state = left(change("ini", KEYS, "mirrors", ABSENT))
    emptied = replace(state, text=b"\n[global]\nindex-url = http://m/simple\n", sha256="other")
    assert change("ini", {}, "mirrors", emptied) == KeyedFile("global.index-url taken away")


def test_an_empty_file_of_a_person_stays_an_empty_file() -> None:
    state = replace(left(change("ini", KEYS, "mirrors", standing(""))), original=b"", sha256="other")
    assert change("ini", {}, "mirrors", state) == KeyedFile("global.index-url taken away", b"", None)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a = 1\n# gpustrap mirrors begin\nb = 2\n# gpustrap mirrors end\nc = 3\n", "a = 1\nc = 3\n"),
        ("# gpustrap mirrors end\na = 1\n# gpustrap mirrors begin\n", None),
        ("# gpustrap mirrors begin\na = 1\n", None), ("a = 1\n# gpustrap mirrors end\n", None),
        ("# gpustrap other begin\na = 1\n# gpustrap other end\n", None), ("a = 1\n", None),
    ],
)  # fmt: skip
def test_only_whole_blocks_of_this_part_go(text: str, after: str | None) -> None:
    made = change("ini", {"b": "9"}, "mirrors", standing(text))
    assert made is not None and made.data is not None
    rest = [line for line in made.data.decode().splitlines(keepends=True) if line.replace(" ", "") != "b=9\n"]
    assert "".join(rest) == (text if after is None else after)


def test_a_file_marked_as_ours_that_nobody_noted_as_ours_is_a_persons() -> None:
    made = change("ini", KEYS, "mirrors", standing("# Managed by gpustrap\n[global]\nold = 1\n"))
    assert made is not None and made.data == b"# Managed by gpustrap\n[global]\nold = 1\nindex-url = http://m/simple\n"


def test_of_a_file_that_has_no_digest_nothing_is_believed() -> None:
    record = json.dumps({"sha256": None, "parts": {"mirrors": KEYS}})
    state = FileState("file", "644", None, text=b"[global]\n", ours=True, record=record)
    assert change("ini", KEYS, "mirrors", state) is not None
    assert changed_keys("ini", "mirrors", state) == ()


def test_the_same_file_with_keys_of_nobody_changes_nothing() -> None:
    state = left(change("ini", KEYS, "mirrors", ABSENT))
    assert change("ini", {}, "network", state) is None


def test_a_file_as_we_left_it_is_not_read_for_a_part_that_wants_nothing_of_it() -> None:
    assert change("toml", {}, "network", left(change("ini", KEYS, "mirrors", ABSENT))) is None


def test_a_file_of_ours_that_a_person_removed_is_forgotten_when_its_keys_go() -> None:
    state = left(change("ini", KEYS, "mirrors", ABSENT))
    gone = FileState("absent", ours=True, record=state.record)
    assert change("ini", {}, "mirrors", gone) == KeyedFile("global.index-url taken away")


def test_what_a_person_wrote_beside_a_key_that_goes_stays_where_no_file_stood_before() -> None:
    state = left(change("toml", {"offline": True, "native-tls": True}, "mirrors", ABSENT))
    since = replace(state, text=state.text + b"theirs = 1\n", sha256="other")
    made = change("toml", {"offline": True}, "mirrors", since)
    assert made is not None and made.data == b"offline = true\ntheirs = 1\n"


def test_keys_do_not_go_from_a_file_that_cannot_be_read_though_we_made_it() -> None:
    state = left(change("toml", {"offline": True}, "mirrors", ABSENT))
    with pytest.raises(Unreadable):
        change("toml", {}, "mirrors", replace(state, text=b"a = = 1\n", sha256="other"))


def test_older_lines_of_ours_that_say_nothing_new_are_taken_away() -> None:
    block = "# gpustrap mirrors begin\n# gpustrap mirrors end\n"
    made = change("ini", KEYS, "mirrors", standing(OURS + block, ours=True, original=OURS.encode()))
    assert made is not None and (made.why, made.data) == ("our older lines taken away", OURS.encode())


def test_an_emptied_file_in_which_another_part_has_keys_is_not_given_back() -> None:
    both = left(change("ini", {"global.proxy": "p"}, "network", left(change("ini", KEYS, "mirrors", ABSENT))))
    made = change("ini", {}, "mirrors", replace(both, text=b"", sha256="other"))
    assert made is None or made.record is not None


def test_of_a_persons_file_that_held_our_older_lines_alone_an_empty_one_stays() -> None:
    made = change("ini", {}, "mirrors", standing("# gpustrap mirrors begin\nx = 1\n# gpustrap mirrors end\n"))
    assert made is None or made.data == b""


def test_a_line_that_speaks_of_us_makes_no_file_ours_again() -> None:
    theirs = "# Managed by gpustrap\n[global]\nold = 1\n"
    state = left(change("ini", KEYS, "mirrors", standing(theirs)), original=b"")
    made = change("ini", {"global.index-url": "http://b"}, "mirrors", state)
    assert made is not None and made.data == f"{theirs}index-url = http://b\n".encode()


def test_what_was_written_beside_the_older_marked_lines_stays() -> None:
    block = "# gpustrap mirrors begin\n[global]\nindex-url = http://old\n# gpustrap mirrors end\n"
    text = "[install]\nx = 1\ny = 2\n"
    made = change("ini", KEYS, "mirrors", standing(text + block, ours=True, original=b"[install]\nx = 1\n"))
    assert made is not None and made.data == text.encode() + OURS.encode()


@pytest.mark.parametrize(
    ("old", "new", "theirs"),
    [
        ("", "# a word of a person's\n", ()),
        ("http://m/simple", "http://other", ("global.index-url",)),
        ("index-url = http://m/simple\n", "", ("global.index-url",)),
        ("canary", "other", ("install.token",)),
    ],
)
def test_a_key_that_does_not_say_what_we_set_is_a_persons(old: str, new: str, theirs: tuple[str, ...]) -> None:
    made = change("ini", {**KEYS, "install.token": SecretStr("canary")}, "x", ABSENT)
    state = left(made)
    assert changed_keys("ini", "x", state) == ()
    text = state.text.decode().replace(old, new, 1) if old else new + state.text.decode()
    edited = standing(text, ours=True, record=state.record)
    assert changed_keys("ini", "x", edited) == theirs
    spared = change("ini", {}, "x", edited, spares=True)
    assert spared is not None and spared.record is None
    if theirs and new:
        assert spared.data is not None and new in spared.data.decode() and "http://m/simple" not in spared.data.decode()


def test_bytes_of_a_person_that_are_no_text_stay_as_they_are() -> None:
    theirs = b"[global]\nname = caf\xe9\nindex-url = http://caf\xe9\n"
    before = FileState("file", "644", hashlib.sha256(theirs).hexdigest(), text=theirs)
    made = change("ini", KEYS, "mirrors", before)
    assert made is not None and made.data == b"[global]\nname = caf\xe9\nindex-url = http://m/simple\n"
    since = made.data + b"timeout = 9\n"
    state = FileState("file", "644", "other", text=since, ours=True, record=made.record, original=theirs)
    assert changed_keys("ini", "mirrors", state) == ()
    back = change("ini", {}, "mirrors", state)
    assert back == KeyedFile("global.index-url taken away", theirs + b"timeout = 9\n", None)


def test_a_file_with_keys_of_ours_that_belongs_to_another_is_written_anew_as_it_is() -> None:
    state = replace(left(change("ini", KEYS, "mirrors", ABSENT)), owner="me:users")
    made = change("ini", KEYS, "mirrors", state)
    assert made == KeyedFile("owner me:users is not the right one", state.text, state.record)
    edited = replace(state, text=state.text + b"timeout = 9\n", sha256="other")
    made = change("ini", KEYS, "mirrors", edited)
    assert made is not None and (made.why, made.data) == ("owner me:users is not the right one", edited.text)
    for each in (state, edited):
        assert change("ini", {}, "network", each) is None, "a part without keys has no say in whose it is"


def test_whether_others_have_changed_a_file_as_we_left_it_needs_no_reading() -> None:
    assert changed_keys("toml", "mirrors", left(change("ini", KEYS, "mirrors", ABSENT))) == ()


def test_the_record_says_what_we_left_and_a_secret_by_its_digest_alone() -> None:
    keys = {"a.list": ["x", SecretStr("canary")], "a.map": {"k": SecretStr("canary"), "n": 1}, "b": True}
    made = change("toml", keys, "mirrors", ABSENT)
    assert made is not None and made.data is not None and made.why == "a.list, a.map, b set"
    digest = "sha256:" + hashlib.sha256(b"canary").hexdigest()[:16]
    assert json.loads(made.record or "") == {
        "sha256": hashlib.sha256(made.data).hexdigest(),
        "form": "toml",
        "parts": {"mirrors": {"a.list": ["x", digest], "a.map": {"k": digest, "n": 1}, "b": True}},
    }
    assert (made.mode, made.data.count(b'"canary"')) == ("600", 2)


def test_a_key_that_is_gone_is_a_persons_whatever_it_said() -> None:
    made = change("ini", {"global.a": "None", "global.b": "1"}, "x", ABSENT)
    assert made is not None and made.data is not None
    edited = standing(made.data.decode().replace("a = None\n", ""), ours=True, record=made.record)
    assert changed_keys("ini", "x", edited) == ("global.a",)


def test_keys_that_come_and_keys_that_go_are_told_together() -> None:
    made = change("ini", {"g.a": 1, "g.b": 2}, "x", left(change("ini", {"g.c": 1, "g.d": 2}, "x", ABSENT)))
    assert made is not None and (made.why, made.data) == ("g.a, g.b set; g.c, g.d taken away", b"[g]\na = 1\nb = 2\n")


def test_the_record_of_another_part_outlives_a_file_that_a_person_has_emptied_of_its_keys() -> None:
    both = left(change("ini", {"global.proxy": "p"}, "network", left(change("ini", KEYS, "mirrors", ABSENT))))
    made = change("ini", {}, "mirrors", replace(both, text=OURS.encode(), sha256="other"))
    assert made is not None and made.data is not None and not made.data.strip()
    assert [*json.loads(made.record or "")["parts"]] == ["network"]


def test_a_file_that_cannot_be_read_is_not_emptied_where_another_part_has_keys_in_it() -> None:
    both = left(change("toml", {"offline": True}, "network", left(change("toml", {"native-tls": True}, "x", ABSENT))))
    spoilt = standing("a = = 1\n", ours=True)
    record = json.dumps(json.loads(both.record or "") | {"sha256": spoilt.sha256})
    with pytest.raises(Unreadable):
        change("toml", {}, "x", replace(spoilt, record=record))
