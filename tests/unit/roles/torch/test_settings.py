"""Settings of the role torch: what cannot be is refused with the nearest valid value."""

from __future__ import annotations

import pytest
from pydantic import ValidationError


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"version": "latest"}, "'latest' is no torch version, expected one such as 2.9.1, 2.9 or '>=2.8,<2.10'"),
        ({"cuda": "12.83"}, "no PyTorch build for CUDA '12.83'; nearest: '12.8'"),
        ({"gpu": "4900"}, "no card '4900' in the catalog; nearest: 'RTX 4090'"),
        ({"driver": "12.8"}, "'12.8' is no version of an NVIDIA driver, expected one such as 570.124.06"),
        ({"python": "2.7"}, "no PyTorch build for Python '2.7'; nearest: '3.7'"),
        ({"version": "2.9.1+cu128", "cuda": "12.6"}, "'2.9.1+cu128' already names a CUDA, so '12.6' cannot be asked for beside it"),
        ({"place": "relative"}, "String should match pattern"),
        ({"place": "/with space"}, "String should match pattern"),
        ({"wheel_mirrors": [{"kind": "index", "url": "/opt/wheels"}]}, "expected a URL such as https://HOST/whl/{tag}"),
        ({"wheel_mirrors": [{"kind": "index", "url": "https://me:pw@host/"}]}, "a password in hosts.yml ends up in backups and commits; use a mirror without one"),
        ({"wheel_mirrors": [{"kind": "index", "url": "https://h/{cuda}"}]}, "{tag} is the only word in braces, it stands for cu128 and the like"),
    ],
)  # fmt: skip
def test_bad_settings_are_refused_with_the_nearest_valid_value(settings, error):
    from roles.torch.settings import Settings

    with pytest.raises(ValidationError) as bad:
        Settings(**settings)
    assert error in str(bad.value)
