"""What programs print for our scripts is the same whatever an image's environment says."""

from __future__ import annotations

import os
import subprocess

import pytest

from gpustrap.engine.scripts import text_of

# A variable, a value that an image may have, and a program whose output it changes.
PRINTS = [
    ("QUOTING_STYLE", "c", "ls -l /proc/self/exe | sed 's/.* //'"),
    ("TIME_STYLE", "+X", "ls -l /etc/hosts"),
    ("BLOCK_SIZE", "human-readable", "ls -l /bin/sh; df /etc | head -n 1"),
    ("DF_BLOCK_SIZE", "1G", "df /etc | head -n 1"),
    ("DU_BLOCK_SIZE", "1", "du -s /etc/hosts"),
    ("COLUMNS", "10", "ps -ef | awk 'length > 40 { n++ } END { print (n > 0) }'"),
    ("PS_FORMAT", "pid", "ps | head -n 1"),
    ("GREP_OPTIONS", "-v", "printf 'a\\nb\\n' | grep a 2>/dev/null"),
    ("TAR_OPTIONS", "--nope", "tar -cf - /etc/hosts 2>/dev/null | wc -c"),
    ("POSIXLY_CORRECT", "1", "df /etc | head -n 1"),
]


def printed(text: str, **variables: str) -> str:
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(["sh", "-c", text], env=environment, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.parametrize(("name", "value", "program"), PRINTS)
def test_no_variable_changes_what_a_program_prints(name: str, value: str, program: str) -> None:
    said = printed(text_of("unset") + program)
    assert said and printed(text_of("unset") + program, **{name: value}) == said
