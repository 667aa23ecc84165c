import json

import pytest
import typer
from typer.testing import CliRunner

from gpustrap.catalog import refresh
from gpustrap.catalog.refresh import Served
from gpustrap.cli.catalog import app as catalog_app

app = typer.Typer()
app.add_typer(catalog_app, name="catalog")
pytestmark = pytest.mark.usefixtures("small_catalog")
KNOWN: dict[tuple[int, ...], Served | None] = {(2, 7, 1): None, (2, 15, 0): None}
NEWER = {**KNOWN, (2, 16, 0): Served((13, 4), ">=3.12")}


@pytest.mark.parametrize(
    ("served", "options", "code", "printed"),
    [
        (KNOWN, [], 0, "the catalog knows all that the index serves"),
        (NEWER, [], 1, "+ torch 2.16.0: CUDA 13.4, Python >=3.12"),
        (
            NEWER,
            ["--json"],
            1,
            json.dumps({"ok": False, "difference": ["+ torch 2.16.0: CUDA 13.4, Python >=3.12"]}),
        ),
    ],
)
def test_the_difference_is_shown_and_decides_the_exit_code(monkeypatch, served, options, code, printed):
    monkeypatch.setattr(refresh, "read_index", lambda _catalog: served)
    result = CliRunner().invoke(app, ["catalog", "refresh", *options])
    assert (result.exit_code, result.stdout) == (code, f"{printed}\n")
