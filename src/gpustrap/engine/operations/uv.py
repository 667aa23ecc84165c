"""uv on the instance, from its wheel on the Python index, known by hash."""

from __future__ import annotations

from collections.abc import Generator

from pyinfra import host
from pyinfra.api import FileUploadCommand, StringCommand, operation

from gpustrap.catalog.uv import UvWheel
from gpustrap.engine import uv_wheel
from gpustrap.engine.by_facts import by_facts, when_it_is_run
from gpustrap.engine.facts.files import STATE_DIR
from gpustrap.engine.facts.uv import UvState, UvVersion
from gpustrap.engine.notes import note, role_in_turn
from gpustrap.engine.scripts import clean, script
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr


@operation()
@by_facts
def installed(
    path: str, wheel: UvWheel, from_laptop: bool, fallback: bool = False, index: str | None = None
) -> Generator[StringCommand | FileUploadCommand, None, None]:
    """
    Put uv at a path, at the wheel's version.

    + path: where the binary is to stand
    + wheel: which one
    + from_laptop: the laptop downloads and sends it; else the instance's pip downloads it
    + fallback: the laptop sends it where the instance's pip cannot
    + index: the Python index that pip asks; None for the one that the instance's pip is told of
    """
    there = host.get_fact(UvVersion, path=path)
    if there.obstacle:
        error = tr("uv cannot be written to {path}: it is {obstacle}", path=path, obstacle=there.obstacle)
        raise InstanceFailed(error, operation="uv", hint=tr("mend it on the instance, then run again"))
    if there.version == wheel.version:
        host.noop(tr("uv {version} is there", version=there.version))
        return
    how = tr("sent by the laptop") if from_laptop else tr("fetched by pip")
    note(f"{path}: {there.version or tr('none')} → {wheel.version}, {how}")
    if from_laptop:
        yield from _send(path, wheel)
        return
    yield _fetch(path, wheel, fallback, index)
    if fallback and host.state.is_executing:
        now: UvState = host.get_fact(UvVersion, path=path)
        if now.version != wheel.version:
            note((now.pip_said or tr("pip on the instance cannot fetch uv")) + tr("; the laptop sends it"))
            yield from _send(path, wheel)


def _send(path: str, wheel: UvWheel) -> Generator[StringCommand | FileUploadCommand, None, None]:
    packed = f"{path}.{wheel.version}.gz"
    # Looking at a plan must not download 25 MB: the file is made when the upload is run.
    when_it_is_run(host)
    if host.state.is_executing:
        yield FileUploadCommand(str(uv_wheel.packed_binary(wheel)), packed)
    yield _placing("uv-unpack", path=path, packed=packed)


def _fetch(path: str, wheel: UvWheel, fallback: bool, index: str | None) -> StringCommand:
    requirement = f"uv=={wheel.version} --hash=sha256:{wheel.sha256}"
    may_fail = "yes" if fallback else ""
    settings = {"requirement": requirement, "index": index or "", "fallback": may_fail}
    return _placing("uv-fetch", path=path, **settings)


def _placing(name: str, **settings: str) -> StringCommand:
    own = script(name, **settings, state=STATE_DIR, role=role_in_turn())
    return StringCommand(clean("uv-place") + own)
