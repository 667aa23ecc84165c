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


def test_path_is_mended_only_where_it_is_decided(lined_up, survey) -> None:
    from gpustrap.resolve.box.shells import shells_of
    from roles.python.resolve import Python

    chosen = Python(load_uv_wheels()["x86_64"], True, path=(("/usr/local/bin", shells_of(survey)),))
    _, one = lined_up("python", chosen)
    assert (one.operation, one.name) == ("files.managed", "PATH")
    text = next(file for file in one.arguments["files"] if file.dest == "/etc/profile.d/gpustrap-python.sh").text
    assert 'export PATH="${PATH:+$PATH:}"/usr/local/bin' in text
