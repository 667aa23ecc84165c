"""What the measuring script printed, read without it: which place each line is about, and what counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.engine.facts import measure
from gpustrap.resolve.net.candidates import FILES, Candidate
from gpustrap.resolve.net.measured import Row

A = Candidate("pypi", "http://a/pip/", "http://a/pip", FILES["pypi"])
B = replace(A, url="http://b/pip/", base="http://b/pip")
OWN = Candidate("pypi", None, "http://own/pip", FILES["pypi"])
APT = Candidate("apt", None, "http://image/debian", replace(FILES["pypi"], service="apt"))


def probe(at: int, host: str, status: int = 200, kind: str = "pypi") -> str:
    """A line as the script prints it, of a GET whose first byte came after 0.2 s and whose body is none."""
    numbers = f"1.2.3.4 0.004 0.005 0.000 0.200 0.351 {status} 0 151075 429484 0"
    return f"probe\t{kind}.{at}\tcurl\t0\t{host}:80\thttp\t{numbers}\t{host} 0\t1.2.3.4\t\t"


def rows(*lines: str, found: tuple[Candidate, ...] = (A, B)) -> list[Row]:
    return measure.read_rows("\n".join(("now\t1800000000", "asker\tcurl", *lines)), found)


def test_each_rate_is_its_own_places_and_other_lines_tell_none() -> None:
    told = rows(
        probe(1, "b"), probe(0, "a"), "rate\tpypi.0\t206 1000 5000.7", "rate\tpypi.1\t200 1 7", "digest", "other\tpypi.1\t200 1 9",
    )  # fmt: skip
    assert told == [Row("pypi", A.url, "works", 0.2, 5000), Row("pypi", B.url, "works", 0.2, 7)]


@pytest.mark.parametrize("said", ["404 1 9", "200 0 9", "200  9", "200 1", "200 1 x", "206 1 nan"])
def test_a_place_whose_large_file_did_not_come_gives_no_files(said: str) -> None:
    assert rows(probe(0, "a"), f"rate\tpypi.0\t{said}") == [Row("pypi", A.url, "no_files", 0.2)]


def test_a_wrong_digest_is_that_places_and_takes_its_rate() -> None:
    told = rows(probe(0, "a"), probe(1, "b"), "rate\tpypi.0\t200 1 50", "rate\tpypi.1\t200 1 60", "digest\tpypi.1\tx")
    assert told == [Row("pypi", A.url, "works", 0.2, 50), Row("pypi", B.url, "wrong_digest", 0.2)]


def test_what_did_not_answer_is_judged_by_its_answer_alone() -> None:
    told = rows(probe(0, "a", 404), "rate\tpypi.0\t200 1 50", "digest\tpypi.0")
    assert [(row.cause, row.rate) for row in told] == [("http_404", 50)]


def test_where_curl_did_not_ask_no_large_file_was_to_come() -> None:
    lines = f"now\t1800000000\nasker\tpython3\n{probe(0, 'a')}"
    assert measure.read_rows(lines, (A,)) == [Row("pypi", A.url, "works", 0.2)]
    small = replace(A, files=replace(A.files, large=""))
    assert rows(probe(0, "a"), found=(small,)) == [Row("pypi", A.url, "works", 0.2)]


def test_a_line_of_another_key_and_one_of_no_candidate_are_passed_over() -> None:
    assert rows(probe(7, "z"), probe(0, "a").replace("probe", "proof"), "rate\tx\t200 1 5") == []


@pytest.mark.parametrize(
    ("candidate", "default"), [(OWN, True), (APT, False), (A, False), (replace(APT, url="http://a/debian"), False)]
)
def test_upstream_is_what_a_client_names_but_for_apts_which_is_the_images(candidate: Candidate, default: bool) -> None:
    assert measure._is_default(candidate) is default


def test_a_place_of_two_parts_works_as_its_worst() -> None:
    parts = (A, replace(A, base="http://a/other"))
    told = rows(probe(0, "a"), probe(1, "a", 404), "rate\tpypi.0\t200 1 50", found=parts)
    assert [(row.url, row.cause, row.rate) for row in told] == [(A.url, "http_404", 0)]
