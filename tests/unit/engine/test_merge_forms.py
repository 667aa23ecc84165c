from __future__ import annotations

import subprocess
import sys
from typing import get_args

import pytest

from gpustrap.engine import merge
from gpustrap.engine.merge_forms import Form, Unreadable


def test_every_form_has_a_document() -> None:
    assert set(get_args(Form)) == set(merge.DOCUMENTS)


@pytest.mark.parametrize(("form", "text"), [("ini", "[a]\n = x\n"), ("toml", "= x\n"), ("yaml", "a: [\n")])
def test_each_form_says_in_the_same_way_what_it_cannot_read(form, text) -> None:
    with pytest.raises(Unreadable) as raised:
        merge.DOCUMENTS[form](text)
    assert str(raised.value) == raised.value.words != ""
    assert isinstance(raised.value.line, int)


def test_a_file_that_needs_no_change_loads_no_library() -> None:
    """They take a tenth of a second, which every run would pay."""
    ask = "import sys, gpustrap.engine.keyed_files; print({'tomlkit', 'configupdater'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("set()\n", "")
