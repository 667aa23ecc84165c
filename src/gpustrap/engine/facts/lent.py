"""What the box says before the laptop's network is lent to it: which hosts its clients ask, and whose the port is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gpustrap.engine.scripts import script

MOST_HOSTS = 60
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")  # of one label only the laptop's own network has some
# pip's own words: its index and where that has the files, whatever pip.conf says.
PIP = """
from pip._internal.models.index import PyPI
print(PyPI.url)
print("https://" + PyPI.file_storage_domain)
"""


@dataclass(frozen=True)
class Told:
    """`open_to_others`: the port listens not only on loopback. What a box says it needs is to be checked."""

    hosts: tuple[str, ...] = ()
    open_to_others: bool = False


def command(port: int) -> str:
    return script("lent", port=f"{port:04X}", pip=PIP)


def read(output: bytes) -> Told:
    """What the script printed. Never raises; what is no public name is passed over."""
    lines = [line.partition("\t")[::2] for line in output.decode("utf-8", "replace").lower().split("\n")]
    hosts = dict.fromkeys(value for key, value in lines if key == "host" and HOST.fullmatch(value))
    return Told(tuple(hosts)[:MOST_HOSTS], ("open", "yes") in lines)
