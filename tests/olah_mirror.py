"""olah: a real caching mirror of Hugging Face's hub, in front of the tests' one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from kept import programs_of
from served import serving

OLAH = "olah==0.5.4"


@contextmanager
def olah_mirroring(folder: Path, address: str, hub: str) -> Iterator[str]:
    """Its URL; what it fetches of `hub` is kept in the folder, whoever asks for it next."""
    behind = urlsplit(hub)

    def words(port: int) -> list[object]:
        here = f"{address}:{port}"
        told = {"host": address, "port": port, "hf-scheme": behind.scheme, "hf-netloc": behind.netloc}
        told |= {"hf-lfs-netloc": behind.netloc, "mirror-netloc": here, "mirror-lfs-netloc": here}
        told |= {"repos-path": folder / "repos", "log-path": folder / "logs"}
        return [programs_of(OLAH) / "olah-cli", *(word for key, value in told.items() for word in (f"--{key}", value))]

    with serving(address, words, folder / "said") as here:
        yield f"http://{here}"
