from __future__ import annotations

from dataclasses import replace

from gpustrap.resolve.context import Context

A = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
B = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC"


def test_each_key_goes_once_to_the_logins_own_file(survey, load) -> None:
    from roles.access.resolve import choose

    settings = load("access", f"{{keys: ['{A} me', '{B}', '{A} again']}}")
    chosen = choose(settings, replace(survey, user="ubuntu", home="/home/ubuntu"), Context("one", "cn"))
    assert (chosen.keys, chosen.file) == ((f"{A} again", B), "/home/ubuntu/.ssh/authorized_keys")
    assert chosen.reasons == (f"hosts.yml lets in to ubuntu: again, ssh-ed25519 …{B[-8:]}",)


def test_none_is_said_too(survey, load) -> None:
    from roles.access.resolve import choose

    assert choose(load("access", "{}"), survey, Context("one", "cn")).reasons == ("hosts.yml lets no further key in",)
