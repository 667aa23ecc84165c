"""Settings of the role torch: what cannot be is refused with the nearest valid value."""

from __future__ import annotations

import re

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
    (fault,) = bad.value.errors()
    assert re.fullmatch(rf"(Value error, )?{re.escape(error)}( '.*'|; nearest: '[^']*')?", fault["msg"])


@pytest.mark.parametrize(
    "settings",
    [{"version": ">=2.8,<2.10"}, {"cuda": "cpu"}, {"gpu": "none"}, {"gpu": "RTX 4090"}, {"driver": "570.124.06"},
     {"python": "3.12"}, {"place": "/data/a-b"}, {"wheel_mirrors": []},
     {"wheel_mirrors": [{"kind": "find-links", "url": "https://h/{tag}/X"}]}],
)  # fmt: skip
def test_good_settings_are_taken_as_they_are_written(settings):
    from roles.torch.settings import Settings

    assert Settings.model_validate(settings).model_dump(exclude_unset=True, mode="json") == settings


@pytest.mark.parametrize("url", ["https://h/{", "https://h/}", "https://h/{tag}{"])
def test_a_lone_brace_is_refused(url):
    from roles.torch.settings import Settings

    with pytest.raises(ValidationError, match="the only word in braces"):
        Settings.model_validate({"wheel_mirrors": [{"kind": "index", "url": url}]})


def test_nothing_written_is_the_newest_in_an_environment_of_its_own():
    from roles.torch.settings import Settings

    assert Settings().model_dump() == {
        "version": None, "cuda": None, "gpu": None, "driver": None, "python": None, "into": "venv", "reuse": True,
        "place": None, "torchvision": True, "torchaudio": True, "wheel_mirrors": None,
    }  # fmt: skip
