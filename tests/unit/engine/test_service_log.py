"""A log that cannot be written is said, and the service goes on; once it can be written it is, by itself."""

from __future__ import annotations

from service_box import SERVE, Box


def test_a_log_that_takes_nothing_is_said_until_it_does_and_the_service_goes_on(box: Box) -> None:
    place = box.folder / "log"
    place.write_text("in its way\n")
    serve = SERVE.format(python="python3", port=box.port, address="0.0.0.0").removeprefix("exec ")
    service = box.service(f"(while echo tick; do sleep 0.01; done) & {serve}")

    assert box.start(service) == ""

    seen = box.look(service)
    assert seen is not None
    assert seen.ready and seen.unlogged.startswith("its log does not get what it says: ")  # then the shell's own words
    place.unlink()
    place.mkdir()
    box.until(lambda: "tick" in (place / f"{box.name}.log").read_text() if (place / f"{box.name}.log").exists() else 0)
    box.until(lambda: (found := box.look(service)) is not None and found.unlogged == "")
    assert box.reason(service) is None


def test_where_a_link_leads_in_the_logs_place_nothing_is_closed(box: Box) -> None:
    theirs = box.folder / "theirs"
    theirs.mkdir(mode=0o755)
    (box.folder / "log").symlink_to(theirs)

    assert box.start(box.serves()) == ""

    assert theirs.stat().st_mode & 0o777 == 0o755
