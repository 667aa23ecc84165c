from __future__ import annotations

import pytest

from gpustrap.catalog.uv import load_uv_wheels
from gpustrap.resolve.uv import UV


@pytest.mark.parametrize("from_laptop", [True, False])
def test_the_chosen_wheel_is_put_where_the_other_roles_look_for_uv(lined_up, from_laptop: bool) -> None:
    from roles.python.resolve import Python

    wheel = load_uv_wheels()["x86_64"]
    (one,) = lined_up("python", Python(wheel, from_laptop, not from_laptop, "https://mirror.lan/simple"))
    assert (one.operation, one.name) == ("uv.installed", "uv")
    assert one.arguments == {
        "path": UV,
        "wheel": wheel,
        "from_laptop": from_laptop,
        "fallback": not from_laptop,
        "index": "https://mirror.lan/simple",
    }
