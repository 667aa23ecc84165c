"""Each test says what breaks where pyinfra changes one of its private parts."""

from __future__ import annotations

import gevent
from pyinfra.api import StringCommand, operation
from pyinfra.context import ctx_state


def test_an_operation_can_be_part_of_another_one() -> None:
    """Else `torch.installed`, which writes its script by `files.managed`, fails."""
    from gpustrap.engine.pyinfra_internals import commands_of

    @operation()
    def inner(word: str):  # type: ignore[no-untyped-def]
        yield StringCommand("echo", word)

    assert [str(command) for command in commands_of(inner)(word="a")] == ["echo a"]


def test_each_greenlet_has_a_current_state_of_its_own() -> None:
    """Else the operations of two instances, worked on at the same time, mix."""
    import gpustrap.engine  # noqa: F401 (it sets the container)

    seen: dict[str, object] = {}

    def work(name: str) -> None:
        with ctx_state.use(name):  # type: ignore[arg-type]
            gevent.sleep(0)
            seen[name] = ctx_state.context._container.module

    gevent.joinall([gevent.spawn(work, name) for name in ("one", "two")], raise_error=True)
    assert seen == {"one": "one", "two": "two"}


def test_the_function_of_an_operation_that_was_lined_up_is_found() -> None:
    """Else none is known to go by its facts, and all are run one after the other."""
    from gpustrap.engine.pyinfra_internals import function_of
    from gpustrap.engine.session import Session

    def acts():  # type: ignore[no-untyped-def]
        yield StringCommand("true")

    session = Session("box", {})
    session.state.activate_host(session.host)
    with session._context():
        operation()(acts)(name="one")
    (op_hash,) = session.host.op_hash_order
    assert function_of(session.state.get_op_data_for_host(session.host, op_hash).command_generator) is acts
