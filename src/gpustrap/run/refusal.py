"""Why an instance lets this laptop in by no key, in the sentence that is true of the laptop's keys."""

from __future__ import annotations

from gpustrap.engine.failures import KeyRefused, TooManyKeys
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.instance import Instance
from gpustrap.inventory.ssh_config import settings_for
from gpustrap.language import mark, tr
from gpustrap.laptop import keys

COPY_AGAIN = mark(
    "copy it from the provider's page again; it changes there with a reset."
    " A login whose shell is not there, or that sshd does not allow, is refused in the same way"
)


def identity_of(instance: Instance) -> str | None:
    """The key file that the instance's ssh command names, else the person's ssh_config for its host."""
    if instance.ssh is None:
        return None
    return instance.ssh.identity_file or settings_for(instance.ssh.host).get("identityfile")


def said(refused: KeyRefused, instance: Instance) -> InstanceFailed:
    """No key, one that waits for its passphrase, a damaged one, or one that is not let in."""
    if instance.password:
        message = tr("the instance refuses the password ({error})", error=refused.error)
        return InstanceFailed(message, operation="connect", hint=tr(COPY_AGAIN))
    identity = identity_of(instance)
    if instance.lab or isinstance(refused, TooManyKeys):
        return refused
    command = tr(
        "`gpustrap up {typed}` at a terminal asks for the password once, and lets a key in", typed=instance.typed
    )
    if keys.usable_key(identity):
        message = tr("{error}; a new box, or one that was reset, does not know the key yet", error=refused.error)
        return KeyRefused(message, operation="connect", hint=command)
    return _of_no_usable_key(refused, identity, command)


def _of_no_usable_key(refused: KeyRefused, identity: str | None, command: str) -> InstanceFailed:
    if held := len(keys.agent_keys()):
        message = (
            tr("the ssh agent's key is not let in ({error})", error=refused.error)
            if held == 1
            else tr("none of the ssh agent's {held} keys is let in ({error})", held=held, error=refused.error)
        )
        return InstanceFailed(message, operation="connect", hint=command)
    unusable = keys.unusable_key(identity)
    if unusable is None:
        return InstanceFailed(
            tr("this laptop has no ssh key ({error})", error=refused.error), operation="connect", hint=command
        )
    if unusable.locked:
        message = tr(
            "this laptop's key {path} has a passphrase, and no agent has unlocked it ({error})",
            path=unusable.path,
            error=refused.error,
        )
        hint = tr("`ssh-add` unlocks it; where the instance does not know the key yet, {command}", command=command)
        return InstanceFailed(message, operation="connect", hint=hint)
    message = tr(
        "this laptop's key {path} is damaged, or cannot be read ({error})", path=unusable.path, error=refused.error
    )
    hint = tr("`ssh-keygen -y -f {path}` says what is wrong", path=unusable.path)
    return InstanceFailed(message, operation="connect", hint=hint)
