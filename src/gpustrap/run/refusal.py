"""Why an instance lets this laptop in by no key, in the sentence that is true of the laptop's keys."""

from __future__ import annotations

from gpustrap.engine.failures import KeyRefused, TooManyKeys
from gpustrap.errors import InstanceFailed
from gpustrap.inventory.instance import Instance
from gpustrap.inventory.ssh_config import settings_for
from gpustrap.laptop import keys

COPY_AGAIN = (
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
        message = f"the instance refuses the password ({refused.error})"
        return InstanceFailed(message, operation="connect", hint=COPY_AGAIN)
    identity = identity_of(instance)
    if instance.lab or isinstance(refused, TooManyKeys) or keys.usable_key(identity):
        return refused
    command = f"`gpustrap up {instance.typed}` at a terminal asks for the password once, and lets a key in"
    return _of_no_usable_key(refused, identity, command)


def _of_no_usable_key(refused: KeyRefused, identity: str | None, command: str) -> InstanceFailed:
    if held := len(keys.agent_keys()):
        which = "the ssh agent's key" if held == 1 else f"none of the ssh agent's {held} keys"
        message = f"{which} is {'not ' if held == 1 else ''}let in ({refused.error})"
        return InstanceFailed(message, operation="connect", hint=command)
    unusable = keys.unusable_key(identity)
    if unusable is None:
        return InstanceFailed(f"this laptop has no ssh key ({refused.error})", operation="connect", hint=command)
    if unusable.locked:
        message = f"this laptop's key {unusable.path} has a passphrase, and no agent has unlocked it ({refused.error})"
        hint = f"`ssh-add` unlocks it; where the instance does not know the key yet, {command}"
        return InstanceFailed(message, operation="connect", hint=hint)
    message = f"this laptop's key {unusable.path} is damaged, or cannot be read ({refused.error})"
    return InstanceFailed(message, operation="connect", hint=f"`ssh-keygen -y -f {unusable.path}` says what is wrong")
