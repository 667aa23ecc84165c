"""What the role `project` promises: the files are there as on this computer."""

from typing import Any

from gpustrap.engine.facts.project import FilesThere, ProjectFolder, packed
from gpustrap.engine.operations.project import some
from gpustrap.language import tr
from gpustrap.laptop.tree import Entry, tree_of
from gpustrap.resolve.project import Seen, compare, unknown


def folder(host: Any, chosen: Any) -> Seen:
    command = ProjectFolder().command(dest=chosen.dest, user=chosen.user)
    return ProjectFolder().process(host.run(command).stdout.splitlines())


def there(host: Any, chosen: Any, names: tuple[str, ...]) -> dict[str, Entry]:
    """What stands where nothing was sent."""
    found: dict[str, Entry] = {}
    for word in packed(names):
        command = FilesThere().command(dest=chosen.dest, user=chosen.user, names=word)
        found |= FilesThere().process(host.run(command).stdout.splitlines())
    return found


def test_the_files_are_those_of_this_computer(host, chosen):
    """By their digests, each; what was changed there and is to stay is left out."""
    wanted = tree_of(chosen.folder).entries
    seen = folder(host, chosen)
    sync = compare(wanted, seen, there(host, chosen, unknown(wanted, seen)), chosen.on_box_changes)
    kept = set(sync.changed) if chosen.on_box_changes == "keep" else set()
    wrong = {*sync.gone, *sync.changed, *(entry.path for entry in sync.send)} - kept
    assert not wrong, tr("not as on this computer in {dest}: {files}", dest=chosen.dest, files=some(sorted(wrong)))
