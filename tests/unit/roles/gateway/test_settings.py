from __future__ import annotations

import pytest

from gpustrap import content
from gpustrap.inventory.hosts import load_hosts

OPEN = "it has no token, so everybody could come: token: {env: NAME}, or `open: true` where it is meant so"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{routes: {/: web}}", f"3: gateway: {OPEN}"),
        ("{routes: {/: web}, open: true, token: {env: T}}", "3: gateway: it has both token and open"),
        ("{open: true, routes: {/api: web, /api/: web}}", "4: gateway.routes./api/: the same path as '/api'"),
    ],
)
def test_what_nobody_can_mean_is_refused_by_line(refusal, text, message):
    assert refusal("gateway", text) == [message]


def test_what_the_page_shows_is_taken(tmp_path):
    page = (content.builtin_root() / "docs" / "gateway.md").read_text(encoding="utf-8")
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    (instance,) = load_hosts(tmp_path).instances.values()
    assert list(instance.settings["gateway"].routes) == ["/", "/api"]
