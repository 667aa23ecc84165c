"""What a revert leaves on an instance, and why: a sentence each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from gpustrap import content
from gpustrap.engine.facts.files import STATE_DIR
from gpustrap.engine.facts.traces import Stay, Trace, Traces
from gpustrap.engine.keyed_files import changed_keys
from gpustrap.engine.merge_forms import Unreadable
from gpustrap.engine.operations.files import is_theirs
from gpustrap.language import tr


def stays(traces: Traces, given_back: Iterable[Trace], roles: Collection[str] | None) -> list[str]:
    """The sentences. `roles`: those that are given back; None for all, and then our own folders go too."""
    changed = [sentence for trace in given_back for sentence in _changed(trace, roles is None)]
    installed = [one for one in traces.stay if roles is None or one.role in roles]
    foreign = traces.foreign if roles is None or "services" in roles else ()
    return [*changed, *_foreign(foreign), *_installed(installed)]


def unknown(project: Path, roles: Collection[str]) -> list[str]:
    """A sentence for each role whose work is written down nowhere: the project's, and what pyinfra's operations do."""
    yours = (
        [tr("the project's folder stays, with its environment: what is in it is yours")] if "project" in roles else []
    )
    own = {role: project / "roles" / role / "tasks.py" for role in roles if project.resolve() != content.builtin_root()}
    return yours + [
        tr("what the role {role} does by pyinfra's own operations stays: only {path} knows it", role=role, path=path)
        for role, path in own.items()
        if path.is_file() and "pyinfra.operations" in path.read_text(encoding="utf-8", errors="replace")
    ]


def _installed(stay: Sequence[Stay]) -> Iterator[str]:
    packages = ", ".join(one.what for one in stay if one.kind == "package")
    if packages:
        yield tr("packages stay as they are installed: {packages}", packages=packages)
    for one in stay:
        if one.kind in ("file", "folder"):
            yield tr("{what} stays: the role {role} has installed it", what=one.what, role=one.role)
        elif one.kind == "block":
            yield tr(
                "the block {block} in {path} stays: gpustrap has no record of it; take its lines out by hand",
                block=one.role,
                path=one.what,
            )
        elif one.kind != "package":
            yield tr("{kind} stays in {what}", kind=one.kind, what=one.what)


def is_left(trace: Trace) -> bool:
    """Whether nothing of it is to be given back: it is others' by now, or gone."""
    return bool(_theirs(trace)) or (bool(trace.block) and trace.state.sha256 is None)


def _changed(trace: Trace, everything: bool) -> Iterator[str]:
    what = _theirs(trace)
    if what and trace.original and everything:
        yield what + tr("; what stood there before is in {folder}/left", folder=STATE_DIR)
    elif what:
        yield what


def _theirs(trace: Trace) -> str:
    if is_theirs(trace.state):
        what = tr("the block {block} in {path}", block=trace.block, path=trace.path) if trace.block else trace.path
        if trace.state.kind == "absent":
            return tr("{path} is gone since gpustrap wrote it, and stays so", path=trace.path)
        return tr("{what} stays: it was changed since gpustrap wrote it", what=what)
    if trace.form is None:
        return ""
    try:
        keys = changed_keys(trace.form, trace.role, trace.state)
    except Unreadable:
        return tr("{path} stays as it is: it was changed, and is not {form} any more", path=trace.path, form=trace.form)
    if not keys:
        return ""
    keys_said = ", ".join(keys)
    return tr("{keys} in {path} stays as it is: it was changed since gpustrap set it", keys=keys_said, path=trace.path)


def _foreign(paths: Iterable[str]) -> Iterator[str]:
    for folder, count in Counter(path.rpartition("/")[0] for path in paths).items():
        files = tr("1 file") if count == 1 else tr("{count} files", count=count)
        yield tr("{folder} stays: it holds {files} not written by gpustrap", folder=folder, files=files)
