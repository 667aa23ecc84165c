from __future__ import annotations

from gpustrap.reference.readme import readme

WRITTEN = """# Title

| provider | reached by |
|---|---|
| Gone | `ssh root@203.0.113.1` |

## Next

| role | does |
|---|---|
| `base` | packages |
"""


def test_only_the_table_of_providers_is_made_anew(small_catalog: None) -> None:
    made = readme(WRITTEN)
    before, table, after = made.split("\n\n", 2)
    assert (before, after) == ("# Title", WRITTEN.split("\n\n", 2)[2])
    assert [line.split("|")[1].strip() for line in table.splitlines()[2:]] == ["gpushare (恒源云)", "AutoDL", "RunPod"]
    assert [line.split("|")[3].strip() for line in table.splitlines()[2:]] == ["8080", "6006, 6008", "as rented"]
    assert readme(made) == made


def test_a_text_without_the_table_stays_as_it_is(small_catalog: None) -> None:
    assert readme("no table\n") == "no table\n"
