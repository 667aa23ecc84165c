"""Wheels for a lab box, whatever Python this machine has."""

from __future__ import annotations

import sys

# pip's words that fetch for Debian 12's Python and glibc.
DOWNLOAD = [
    *[sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"],
    "--only-binary=:all:",
    "--python-version=3.11",
    "--platform=manylinux_2_28_x86_64",
    "--platform=manylinux_2_17_x86_64",
    "--platform=manylinux2014_x86_64",
]
