from __future__ import annotations

import logging

import pytest

from gpustrap.cli.debug import enable
from gpustrap.inventory.masking import remember


@pytest.fixture(autouse=True)
def loggers():
    """Both loggers, left as they were found."""
    both = [logging.getLogger(name) for name in ("pyinfra", "gpustrap")]
    before = [(logger.level, list(logger.handlers)) for logger in both]
    yield both
    for logger, (level, handlers) in zip(both, before, strict=True):
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.mark.parametrize("name", ["pyinfra", "pyinfra.api", "gpustrap"])
def test_the_engine_s_log_is_shown_without_secrets(name, capsys):
    enable()
    remember("canary-7")
    logging.getLogger(name).debug("ran %s \x1b[2J", "mount canary-7")
    shown = capsys.readouterr().err
    assert f" {name} DEBUG ran mount *** " in shown
    assert "\x1b" not in shown


def test_a_traceback_is_masked_too(capsys):
    enable()
    remember("canary-7")
    try:
        raise ValueError("canary-7")
    except ValueError:
        logging.getLogger("gpustrap").debug("unforeseen", exc_info=True)
    shown = capsys.readouterr().err
    assert "ValueError: ***" in shown and "canary" not in shown
