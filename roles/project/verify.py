"""What the role `project` promises: the files are there as on this computer, and its environment has what it asks for."""

import shlex
from typing import Any

import pytest

from gpustrap.engine.facts.checkout import CheckoutFolder
from gpustrap.engine.facts.environment import EnvironmentState
from gpustrap.engine.facts.project import FilesThere, ProjectFolder, packed
from gpustrap.engine.operations.checkout import changes_of
from gpustrap.engine.operations.project import some
from gpustrap.language import tr
from gpustrap.laptop.tree import Entry
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


@pytest.fixture
def tree(chosen):
    if chosen.tree is None:
        pytest.skip("no folder of this computer")
    return chosen.tree


@pytest.fixture
def checkout(chosen):
    if chosen.checkout is None:
        pytest.skip("no repository")
    return chosen.checkout


def test_the_files_are_those_of_this_computer(host, chosen, tree):
    """By their digests, each; what was changed there and is to stay is left out."""
    wanted = tree.entries
    seen = folder(host, chosen)
    sync = compare(wanted, seen, there(host, chosen, unknown(wanted, seen)), chosen.on_box_changes)
    kept = set(sync.changed) if chosen.on_box_changes == "keep" else set()
    wrong = {*sync.gone, *sync.changed, *(entry.path for entry in sync.send)} - kept
    assert not wrong, tr("not as on this computer in {dest}: {files}", dest=chosen.dest, files=some(sorted(wrong)))


def test_the_repository_is_at_the_commit(host, chosen, checkout):
    """And nothing in it was changed; what was and is to stay is left out."""
    fact = CheckoutFolder()
    seen = fact.process(host.run(fact.command(dest=chosen.dest, user=chosen.user)).stdout.splitlines())
    changed = changes_of(seen)
    if changed and chosen.on_box_changes == "keep":
        pytest.skip("it stays as it was changed there")
    assert not changed, tr("changed on the instance in {dest}: {words}", dest=chosen.dest, words=changed)
    assert seen.head == checkout.commit, tr(
        "{dest} is at {head} and not at {commit}", dest=chosen.dest, head=seen.head[:10], commit=checkout.commit[:10]
    )
    assert not seen.modules, tr("submodules are not as the commit has them: {modules}", modules=some(seen.modules))
    assert not seen.pointers, tr(
        "pointers to what Git LFS keeps, without their content: {files}", files=some(seen.pointers)
    )


@pytest.fixture
def environment(chosen):
    if chosen.environment is None:
        pytest.skip("no environment")
    return chosen.environment


def test_the_environment_has_what_the_project_asks_for(host, environment):
    """As uv says without a network."""
    fact = EnvironmentState()
    state = fact.process(host.run(fact.command(environment=environment)).stdout.splitlines())
    assert state == "ready", tr(
        "{python} lacks something that {file} asks for", python=environment.python, file=environment.asks
    )


def test_its_packages_go_together(host, environment):
    """`uv pip check`; where another torch than a package asks for was wanted, that it says so."""
    if environment.by_conda:
        pytest.skip("conda has put them together")
    words = ["env", "UV_NO_CONFIG=1", environment.uv, "pip", "check", "--python", environment.python]
    done = host.run(shlex.join(words))
    said = [line for line in done.stderr.splitlines() if line.startswith("The package")]
    if said and environment.overrides:
        pytest.skip("another torch was asked for")
    assert done.rc == 0, "; ".join(said) or done.stderr.strip()[-300:]
