"""What may stand in hosts.yml, as pydantic models: the keys of every instance, and each role's settings."""

from __future__ import annotations

import re
import traceback
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from gpustrap import content
from gpustrap.errors import BadInput, Fault
from gpustrap.inventory.document import displayed
from gpustrap.inventory.fields import http_url
from gpustrap.inventory.secrets import Secret
from gpustrap.inventory.ssh import SshTarget, parse_ssh
from gpustrap.lab.flavour import RELEASES, flavour_names
from gpustrap.language import tr

NAME_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._-]*$"
Region = Literal["cn", "global", "auto"]
Release: Any = Literal[RELEASES]
Flavour: Any = Literal[flavour_names()]


def _ssh_target(text: object) -> SshTarget:
    """A pasted command; BadInput becomes an error of pydantic's, which gets its place in the file."""
    if not isinstance(text, str):
        raise PydanticCustomError("string_type", "text")
    try:
        return parse_ssh(text)
    except BadInput as bad:
        (fault,) = bad.faults
        raise PydanticCustomError("ssh", "{said}", {"said": fault.message, "hint": fault.hint}) from None


def _allowed(value: object) -> int | str:
    port, _, kind = str(value).partition("/")
    if isinstance(value, int | str) and (
        re.fullmatch(r"[A-Za-z_][\w.+-]*", str(value))
        or (port.isdecimal() and 0 < int(port) < 65536 and kind in ("", "tcp", "udp"))
    ):
        return value
    raise ValueError(tr("expected a port, PORT/udp or the name of a program, got {value!r}", value=value))


Allowed = Annotated[int | str, PlainValidator(_allowed, json_schema_input_type=int | str)]


class SharedKeys(BaseModel):
    """Keys that `defaults` and each instance may have, besides one for each role's settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    password: Secret | None = Field(default=None, description="Where the ssh password is kept; a key is better")
    sudo_password: Secret | None = Field(
        default=None, description="Where the password is kept that sudo asks a user for who is not root"
    )
    region: Region = Field(default="auto", description="Which mirrors are near; auto goes by the provider")
    roles: tuple[str, ...] | None = Field(default=None, description="What is applied, in this order")
    allow_listening: tuple[Allowed, ...] = Field(
        default=(),
        description="What may listen for others there besides what gpustrap knows: ports, PORT/udp, names of programs",
    )


def _public_url(url: str) -> str:
    """`url` itself, where it is one with any port for `{port}`."""
    http_url(url.replace("{port}", "1"), example="http://HOST:PORT")
    return url


class InstanceKeys(SharedKeys):
    """Keys of one instance: exactly one of `ssh` and `lab`, and the shared ones."""

    ssh: Annotated[SshTarget, PlainValidator(_ssh_target, json_schema_input_type=str)] | None = Field(
        default=None, description="The provider's ssh command, pasted, or an ssh_config name"
    )
    lab: Release | None = Field(default=None, description="A local container of this image instead: debian-12")
    flavour: Flavour | None = Field(
        default=None, description="Whose box the lab container behaves like: `gpustrap lab flavours` says how"
    )
    public_url: Annotated[str, AfterValidator(_public_url)] | None = Field(
        default=None,
        description="Where its port is reached from outside, as the provider's page shows it; with `{port}`, each port",
    )


def settings_model(role: str) -> type[BaseModel]:
    """The model `Settings` of the role's settings.py. Raises BadInput where that cannot be loaded."""
    try:
        model: type[BaseModel] = content.role_module(role, "settings").Settings
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever a person's own settings.py raises when it is imported, `sys.exit` too
        where = tr("role '{role}': settings.py cannot be loaded", role=role)
        message = f"{where}: {type(error).__name__}: {error}"
        raise BadInput(Fault(message, *_place(error, role))) from error
    return model


def _place(error: BaseException, role: str) -> tuple[str | None, int | None]:
    """File and line of the role's own that the error comes from."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent.name == role]
    return (displayed(Path(own[-1].filename)), own[-1].lineno) if own else (None, None)
