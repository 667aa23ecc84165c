"""uv on the instance, from its wheel on the Python index, known by hash."""

from __future__ import annotations

from collections.abc import Generator

from pyinfra import host
from pyinfra.api import FileUploadCommand, QuoteString, StringCommand, operation

from gpustrap.catalog.uv import UvWheel
from gpustrap.engine import uv_wheel
from gpustrap.engine.facts.uv import UvVersion
from gpustrap.engine.notes import note


@operation()
def installed(path: str, wheel: UvWheel, from_laptop: bool) -> Generator[StringCommand | FileUploadCommand, None, None]:
    """
    Put uv at a path, at the wheel's version.

    + path: where the binary is to stand
    + wheel: which one
    + from_laptop: the laptop downloads and sends it; else the instance's pip downloads it
    """
    there = host.get_fact(UvVersion, path=path)
    if there == wheel.version:
        host.noop(f"uv {there} is there")
        return
    note(f"{path}: {there or 'none'} → {wheel.version}, {'sent by the laptop' if from_laptop else 'fetched by pip'}")
    yield from _send(path, wheel) if from_laptop else _fetch(path, wheel)


def _send(path: str, wheel: UvWheel) -> Generator[StringCommand | FileUploadCommand, None, None]:
    packed = f"{path}.{wheel.version}.gz"
    # Looking at a plan must not download 25 MB: the file is made when the upload is run.
    if host.state.is_executing:
        yield FileUploadCommand(str(uv_wheel.packed_binary(wheel)), packed)
    new = QuoteString(f"{path}.new")
    yield StringCommand(
        "{ gunzip -c", QuoteString(packed), ">", new, "&& chmod 755", new, "&& mv -f", new, QuoteString(path), "; }",
        "; s=$?; rm -f", QuoteString(packed), new, "; exit $s",
    )  # fmt: skip


def _fetch(path: str, wheel: UvWheel) -> Generator[StringCommand, None, None]:
    requirement = QuoteString(f"uv=={wheel.version} --hash=sha256:{wheel.sha256}")
    new = QuoteString(f"{path}.new")
    yield StringCommand(
        "d=$(mktemp -d) && trap 'rm -rf \"$d\"' EXIT &&",
        "printf '%s\\n'", requirement, '>"$d/requirements" &&',
        "$(command -v pip3 || command -v pip) install -q --disable-pip-version-check --no-deps --only-binary :all:",
        '--require-hashes --target "$d/uv" -r "$d/requirements" &&',
        'cp "$d/uv/bin/uv"', new, "&& chmod 755", new, "&& mv -f", new, QuoteString(path),
    )  # fmt: skip
