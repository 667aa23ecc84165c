import json

import pytest

from gpustrap.catalog.cards import Card
from gpustrap.catalog.providers import Provider
from gpustrap.catalog.rows import CatalogError, read_rows
from gpustrap.catalog.torch import Family, Toolkit

FAMILY = {"major": 12, "driver": "525.60.13", "source": "a guide", "read": "2026-11-23"}


def write(folder, file, *rows):
    (folder / file).write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))


def test_rows_come_in_file_order_with_versions_as_tuples(tmp_path):
    write(tmp_path, "f.jsonl", {**FAMILY, "major": 13, "driver": "580"}, FAMILY)
    rows = read_rows("f.jsonl", Family, tmp_path)
    assert [(row.major, row.driver) for row in rows] == [(13, (580,)), (12, (525, 60, 13))]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({**FAMILY, "driver": "R525"}, "f.jsonl:2: driver: Input should be a valid tuple"),
        ({**FAMILY, "drivers": "1"}, "f.jsonl:2: drivers: Extra inputs are not permitted"),
        ({**FAMILY, "source": ""}, "f.jsonl:2: source: String should have at least 1 character"),
        (
            {**FAMILY, "read": "soon"},
            "f.jsonl:2: read: Input should be a valid date or datetime, input is too short",
        ),
        ('{"major": 12', "f.jsonl:2: not JSON: Expecting ',' delimiter: line 1 column 13 (char 12)"),
    ],
)
def test_a_bad_row_fails_the_load_and_is_named(tmp_path, row, text):
    write(tmp_path, "f.jsonl", FAMILY, row)
    with pytest.raises(CatalogError) as error:
        read_rows("f.jsonl", Family, tmp_path)
    assert str(error.value) == text


def test_all_bad_rows_of_a_file_are_named_at_once(tmp_path):
    missing = {key: value for key, value in FAMILY.items() if key != "read"}
    write(tmp_path, "f.jsonl", missing, FAMILY, {**FAMILY, "major": "twelve"})
    with pytest.raises(CatalogError) as error:
        read_rows("f.jsonl", Family, tmp_path)
    assert str(error.value) == (
        "f.jsonl:1: read: Field required\n"
        "f.jsonl:3: major: Input should be a valid integer, unable to parse string as an integer"
    )


@pytest.mark.parametrize("kind", [Card, Family, Provider, Toolkit])
def test_rows_cannot_be_changed(kind):
    assert kind.model_config["frozen"]
    assert kind.model_config["extra"] == "forbid"
