from __future__ import annotations

import os

import pytest

from gpustrap.cli.no_way_out import guarded


def test_a_roles_way_out_is_an_exit_as_any_other_and_a_childs_still_ends_it(monkeypatch) -> None:
    own = os._exit
    monkeypatch.setattr(os, "_exit", own)  # it is given back

    assert guarded() is own

    with pytest.raises(SystemExit) as ended:
        os._exit(3)
    assert ended.value.code == 3
    if (child := os.fork()) == 0:
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
