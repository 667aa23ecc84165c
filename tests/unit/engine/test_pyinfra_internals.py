"""Each test says what breaks where pyinfra changes one of its private parts."""

from __future__ import annotations

import typing

import gevent
import pytest
from pyinfra.api import StringCommand, arguments, operation
from pyinfra.api.arguments import AllArguments, all_global_arguments
from pyinfra.api.host import HostData
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


def test_the_types_of_pyinfras_arguments_are_read_once() -> None:
    """Else each fact and each operation reads them anew, for a third of a host's own time."""
    import gpustrap.engine  # noqa: F401 (it has them kept)

    first, again = all_global_arguments(), all_global_arguments()
    assert first == [*typing.get_type_hints(AllArguments).items()]
    assert again == first and vars(arguments)["get_type_hints"].cache_info().misses == 1


def test_a_hosts_data_are_found_as_pyinfra_finds_them() -> None:
    """Else `host.data.NAME` in a role gives another value than with the stock CLI."""
    from gpustrap.engine.session import Session

    host = Session("box", {"here": "host", "both": "host", "list": [1]}).host
    host.data.both = "override"
    host.current_deploy_data = {"both": "deploy", "there": "deploy"}
    stock = HostData(host, *host.data.datas[1:])
    stock.both = "override"
    for name in ("here", "both", "there", "list"):
        assert getattr(host.data, name) == getattr(stock, name)
    assert host.data.dict() == stock.dict()
    assert host.data.list is not host.inventory.get_host_data("box")["list"]
    with pytest.raises(AttributeError) as ours:
        _ = host.data.nowhere
    with pytest.raises(AttributeError) as theirs:
        _ = stock.nowhere
    assert str(ours.value) == str(theirs.value)
