"""conda's own library, which reads a .condarc as conda does: `conda_library.py FOLDER CHANNEL…` prints their URLs, by JSON.

No client is to be had without Anaconda's or conda-forge's own servers. What the Python index has of it is 4.3.16 of 2017,
which is the last one there; `default_channels` and `custom_channels` have meant the same since. FOLDER holds it, and what
it needs. toolz takes the place of its own copy, which is no Python any more, and names that have moved to
collections.abc since are put back.
"""

from __future__ import annotations

import collections
import collections.abc
import json
import sys
from importlib import import_module


def channels(folder: str, names: list[str]) -> dict[str, list[str]]:
    """Channel → the URLs that are asked for it, by the .condarc of this user."""
    sys.path.insert(0, folder)
    for part in ("dicttoolz", "functoolz", "itertoolz"):
        import_module(f"toolz.{part}")
    for name in collections.abc.__all__:
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))
    ours = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "toolz"}
    sys.modules.update({f"conda._vendor.{name}": module for name, module in ours.items()})
    from conda.models.channel import Channel

    return {name: Channel(name).urls() for name in names}


if __name__ == "__main__":
    print(json.dumps(channels(sys.argv[1], sys.argv[2:])))
