from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest


def test_a_site_is_a_value(site):
    assert site() == site() and site() != site(wheels=False)
    with pytest.raises(FrozenInstanceError):
        site().machine = None
