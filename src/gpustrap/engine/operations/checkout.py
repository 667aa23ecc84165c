"""A git repository on the instance, at one commit; what was changed there is not lost."""

from __future__ import annotations

from collections.abc import Generator

from pyinfra import host
from pyinfra.api import StringCommand, operation

from gpustrap.engine.by_facts import by_facts
from gpustrap.engine.facts.checkout import CheckoutFolder, CheckoutState, checkout_script
from gpustrap.engine.notes import note
from gpustrap.engine.operations.packages import installing
from gpustrap.engine.operations.project import some, stashing
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.laptop.remote import Checkout
from gpustrap.resolve.project import OnBoxChanges


@operation()
@by_facts
def made(
    checkout: Checkout, dest: str, user: str, on_box_changes: OnBoxChanges, key: str = "", config: str = ""
) -> Generator[StringCommand, None, None]:
    """
    Have one commit of a repository in a folder of the instance, with its submodules, and the files that Git LFS keeps.
    Files that are not its own stay.

    + checkout: which
    + dest: the folder on the instance
    + user: whose it is; empty for the login's own
    + on_box_changes: refuse, stash or keep what was changed there
    + key: the file of a private key on the instance that ssh offers; empty for its own
    + config: the file of settings for git there that hold a token; empty for none
    """
    seen = host.get_fact(CheckoutFolder, dest=dest, user=user)
    _refuse(seen, dest)
    words = changes_of(seen)
    if words and on_box_changes == "refuse":
        raise _changed_there(dest, words)
    if words and on_box_changes == "keep":
        host.noop(tr("{dest} stays as it was changed there: {words}", dest=dest, words=words))
        return
    if not words and seen.head == checkout.commit and not seen.modules and not seen.pointers:
        host.noop(tr("{dest} is at {commit}", dest=dest, commit=checkout.commit[:10]))
        return
    note(f"{dest}: {seen.head[:10] or tr('none')} → {checkout.commit[:10]}")
    if words:
        note(tr("kept by git there, as a stash and a branch: {words}", words=words))
    if seen.pointers:
        note(tr("pointers to what Git LFS keeps, without their content: {files}", files=some(seen.pointers)))
    at = {"dest": dest, "commit": checkout.commit}
    yield StringCommand(checkout_script("fetch", user, key, config, url=checkout.url, ref=checkout.ref, **at))
    yield StringCommand(installing() + checkout_script("large", "", **at))
    stash = "yes" if words else ""
    yield StringCommand(checkout_script("make", user, key, config, url=checkout.url, stash=stash, **at))


def changes_of(seen: CheckoutState) -> str:
    """What was changed there, in words; empty for nothing."""
    files = [some(seen.changed)] if seen.changed else []
    commits = [tr("commits that are nowhere else: {commits}", commits=some(seen.commits))] if seen.commits else []
    return "; ".join((*files, *commits))


def _refuse(seen: CheckoutState, dest: str) -> None:
    if seen.place in ("there", "blocked"):
        said = tr("{dest} has files and is no git checkout", dest=dest)
        said = said if seen.place == "there" else tr("{dest} is no folder", dest=dest)
        raise InstanceFailed(said, hint=tr("remove it on the instance, or set project.dest"))


def _changed_there(dest: str, words: str) -> InstanceFailed:
    return InstanceFailed(
        tr("changed on the instance in {dest}: {words}", dest=dest, words=words),
        hint=tr(
            "commit and push it; or `{command}` keeps it in git there (project.on_box_changes: stash does so each time,"
            " keep leaves it as it is)",
            command=stashing(),
        ),
    )
