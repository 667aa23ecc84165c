from __future__ import annotations

import pytest

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
