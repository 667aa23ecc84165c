from __future__ import annotations

from types import SimpleNamespace as Fake

import pytest

from gpustrap.engine.key_in_use import key_in_use

KEY = Fake(get_name=lambda: "ssh-ed25519", get_base64=lambda: "AAAA")


def connected(handler: object) -> Fake:
    return Fake(client=Fake(get_transport=lambda: Fake(auth_handler=handler)))


@pytest.mark.parametrize(
    ("connector", "key"),
    [
        (connected(Fake(auth_method="publickey", private_key=KEY)), "ssh-ed25519 AAAA"),
        (connected(Fake(auth_method="password", private_key=KEY)), ""),
        (connected(Fake(auth_method="publickey")), ""),
        (connected(None), ""),
        (Fake(client=None), ""),
        (Fake(client=Fake(get_transport=lambda: None)), ""),
        (None, ""),
    ],
)
def test_the_key_that_logged_in_is_known(connector, key):
    assert key_in_use(connector) == key
