"""uv's binary for an instance, downloaded by the laptop's own uv and kept packed in the laptop's cache."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from gpustrap.catalog.uv import UvWheel
from gpustrap.errors import LaptopFailed
from gpustrap.language import tr


def packed_binary(wheel: UvWheel) -> Path:
    """The gzipped binary for an architecture; downloaded once. Raises LaptopFailed with uv's own words."""
    from platformdirs import user_cache_path

    folder = user_cache_path("gpustrap", appauthor=False) / "uv"
    packed = folder / f"{wheel.version}-{wheel.arch}-{wheel.sha256[:8]}.gz"
    if not packed.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as work:
            _download(wheel, Path(work))
            _pack(Path(work) / "target" / "bin" / "uv", Path(work) / packed.name)
            (Path(work) / packed.name).replace(packed)
    return packed


def _download(wheel: UvWheel, work: Path) -> None:
    """Install the wheel of a foreign platform into a folder: uv checks the hash and asks the laptop's own index."""
    requirements = work / "requirements.txt"
    requirements.write_text(f"uv=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes"),
            *("--target", str(work / "target"), "--python-platform", f"{wheel.arch}-manylinux_2_17"),
            *("-r", str(requirements)),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines()]
        said = [line for line in lines if line and not line.startswith("hint:")] or [tr("uv said nothing")]
        raise LaptopFailed(
            tr("the laptop cannot download uv {version}: {said}", version=wheel.version, said=said[-1]),
            role="python",
            operation="uv",
            hint=tr("set python.source: instance, or check the laptop's index"),
        )


def _pack(binary: Path, packed: Path) -> None:
    with binary.open("rb") as source, gzip.open(packed, "wb", compresslevel=6) as target:
        shutil.copyfileobj(source, target)
