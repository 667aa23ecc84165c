from __future__ import annotations


def test_the_keys_are_one_operation(lined_up) -> None:
    from roles.access.resolve import Access

    (one,) = lined_up("access", Access(("a", "b"), "root", "/root", "/root/.ssh/authorized_keys"))
    assert (one.operation, one.name) == ("access.only_keys", "keys")
    assert one.arguments == {"path": "/root/.ssh/authorized_keys", "keys": ("a", "b")}
