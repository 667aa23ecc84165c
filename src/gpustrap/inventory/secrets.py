"""Where a secret is kept. The value is read last, is a `SecretStr` from then on, and prints as `***`."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from gpustrap.errors import BadInput, Fault
from gpustrap.language import mark, tr

FORMS = mark("{env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}")


def _split(command: object) -> object:
    return shlex.split(command) if isinstance(command, str) else command


class Secret(BaseModel):
    """One secret's place: an environment variable, a file, or a command that prints it. Never the value."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"minProperties": 1, "maxProperties": 1})

    env: str | None = Field(default=None, description="Name of an environment variable on this computer")
    file: Path | None = Field(
        default=None,
        description="A file only you may read; `~` is your home, a relative path starts at the project",
    )
    command: Annotated[tuple[str, ...], BeforeValidator(_split, str | list[str])] | None = Field(
        default=None, description="A program and its arguments, run without a shell; it prints the secret"
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_plain_values(cls, data: object) -> object:
        if not isinstance(data, dict | Secret):
            raise ValueError(
                tr("a secret in the clear ends up in backups and commits; expected one of {forms}", forms=tr(FORMS))
            )
        return data

    @model_validator(mode="after")
    def _exactly_one(self) -> Secret:
        if [self.env, self.file, self.command].count(None) != 2 or self.command == ():
            raise ValueError(tr("a secret is exactly one of {forms}", forms=tr(FORMS)))
        return self

    @field_validator("env")
    @classmethod
    def _variable_name(cls, env: str | None) -> str | None:
        # The text is not repeated: who writes the secret itself here would read it in a log.
        if env is not None and not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", env):
            raise ValueError(tr("expected the name of an environment variable, such as HF_TOKEN"))
        return env

    @field_validator("file")
    @classmethod
    def _start_at_project(cls, file: Path | None, info: ValidationInfo) -> Path | None:
        """A relative path starts at the validation context's `project`, else at the current directory."""
        project: Path = (info.context or {}).get("project", Path())
        return file and project / file.expanduser()

    def read(self) -> SecretStr:
        """The value, less one newline at its end. Raises BadInput, which holds no part of the value."""
        if self.env is not None:
            return _checked(_from_variable(self.env), tr("environment variable {env}", env=self.env))
        if self.file is not None:
            return _checked(_from_file(self.file), tr("secret file {file}", file=self.file))
        command = self.command or ()
        return _checked(_from_command(command), tr("output of secret command '{command}'", command=command[0]))


def _from_variable(name: str) -> bytes:
    value = os.environb.get(name.encode())
    if value is None:
        raise _bad(tr("environment variable {name} is not set", name=name), hint=tr("export {name}=…", name=name))
    return value


def _from_file(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        value = path.read_bytes()
    except OSError as error:
        raise _bad(tr("secret file {path} cannot be read: {reason}", path=path, reason=_reason(error))) from None
    if mode & 0o077:
        raise _bad(
            tr("secret file {path} can be read by others", path=path),
            hint=tr("chmod 600 {quote}", quote=shlex.quote(str(path))),
        )
    return value


def _from_command(command: tuple[str, ...]) -> bytes:
    """What `command` prints. It may ask on the terminal: its stdin and stderr are ours."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    except OSError as error:
        raise _bad(
            tr("secret command '{command}' cannot be run: {reason}", command=command[0], reason=_reason(error))
        ) from None
    if done.returncode != 0:
        raise _bad(
            tr(
                "secret command '{command}' ended with exit code {returncode}",
                command=command[0],
                returncode=done.returncode,
            )
        )
    return done.stdout


def _checked(value: bytes, place: str) -> SecretStr:
    try:
        text = value.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise _bad(tr("{place} is not UTF-8 text", place=place)) from None
    if not text:
        raise _bad(tr("{place} is empty", place=place))
    return SecretStr(text)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _bad(message: str, *, hint: str | None = None) -> BadInput:
    return BadInput(Fault(message, hint=hint))
