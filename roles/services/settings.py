"""Settings of the role `services`: name → what runs under it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    StringConstraints,
    Tag,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from gpustrap.catalog.presets import Defaults, load_presets
from gpustrap.errors import nearest
from gpustrap.inventory.fields import HttpUrl, TextOrSecret
from gpustrap.language import tr
from gpustrap.resolve.gateway import SERVICE
from roles.services.access import refusal
from roles.services.front import guarded
from roles.services.order import wrong as wrong_needs

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class Check(BaseModel):
    """A command that tells whether a service is ready."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str = Field(
        min_length=1, description="A shell command that ends with 0 when it is ready; {port} is replaced by the port"
    )


def _form(value: object) -> str:
    """Which of the two it is checked as, so that only that one says what is wrong."""
    return "check" if isinstance(value, dict | Check) else "path"


HealthPath = Annotated[str, StringConstraints(pattern="^/"), Tag("path")]
Health = Annotated[HealthPath | Annotated[Check, Tag("check")], Discriminator(_form)]


def _is_preset(name: str) -> str:
    if name not in load_presets():
        word = nearest(name, load_presets())
        raise ValueError(tr("no preset '{name}'", name=name) + (tr("; nearest: '{word}'", word=word) if word else ""))
    return name


def _refuse_placeholders(command: str) -> None:
    """{port} with its letters mixed up, or in capitals; braces of the shell's and awk's own, as {print}, are none."""
    for word in re.findall(r"(?<![$\\{])\{([A-Za-z_]+)\}(?!\})", command):
        if word != "port" and sorted(word.lower().removesuffix("s")) == sorted("port"):
            raise ValueError(
                tr(
                    "its command holds {word}, which nothing replaces; nearest: '{port}'",
                    word=f"{{{word}}}",
                    port="{port}",
                )
            )


class ServiceSettings(BaseModel):
    """One service: a preset, or a command of its own. What a preset sets, these keys replace."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: Annotated[str, AfterValidator(_is_preset)] | None = Field(
        None, description="A name of the catalog's presets, e.g. hello"
    )
    command: str | None = Field(None, description="A shell command; {port} is replaced by the port")
    port: int | None = Field(None, ge=1, le=65535, description="The TCP port it listens on; it is ready when it does")
    cwd: str | None = Field(None, pattern="^/", description="Folder to run in; default: one of the service's own")
    project: bool = Field(
        False, description="Runs in the folder of the role `project`, with its environment's programs first in PATH"
    )
    env: dict[Variable, TextOrSecret] = Field(
        default_factory=dict, description="Its environment; secrets as {env|file|command: …}"
    )
    health: Health | None = Field(
        None,
        description="HTTP path on its port that answers below 400 when it is ready, or {command: …} that ends with 0",
    )
    depends_on: tuple[Name, ...] = Field(
        (), description="Services that have to be ready before it starts; of one that runs once: that it has ended well"
    )
    restart: Literal["always", "on-failure", "never"] = Field(
        "always", description="When to start it again after it ended"
    )
    tries: int = Field(
        10, ge=1, le=1000, description="How often in a row it may end before it works, until it is given up"
    )
    ready_seconds: int | None = Field(
        None, ge=1, le=3600, description="How long it may take to get ready; default: the preset's, else 60"
    )
    threads: int | None = Field(
        None,
        ge=1,
        le=4096,
        description="Threads of its pools (OMP_NUM_THREADS and the like); default: the instance's quota of cores, "
        "where programs see more",
    )
    memory_gib: float | None = Field(
        None, gt=0, le=65536, description="Memory that each of its processes may write to, at most; by `ulimit -d`"
    )
    nofile: int | None = Field(None, ge=64, le=1048576, description="Open files that each of its processes may have")
    public_url: HttpUrl | None = Field(
        None, description="Where it is reached from outside, where that is another address than the instance's"
    )
    beside: bool | None = Field(
        None,
        description="Behind the gateway, a changed one starts beside the one that answers, and takes over once it is "
        "ready; false: that one is ended first. Default: the preset's, else true",
    )
    open: bool = Field(False, description="Everybody may reach it, also where that gives them a shell or its models")

    @property
    def base(self) -> Defaults:
        """What the preset sets; without a preset, nothing but the command."""
        return load_presets()[self.preset] if self.preset else Defaults(command=self.command or "")

    def words(self, command: str) -> str:
        """In which its program is looked for: a preset's name tells more than `python main.py`."""
        return f"{self.preset} {command}" if self.preset else command

    @property
    def listens_on(self) -> int | None:
        return self.port or self.base.port

    @property
    def health_path(self) -> str | None:
        """Its own, else its preset's."""
        return self.health if isinstance(self.health, str) else self.base.health

    @property
    def health_command(self) -> str:
        return self.health.command if isinstance(self.health, Check) else ""

    @property
    def starts_beside(self) -> bool:
        """Whether two of it can run at once: on another port, and not for a job that is to be done once."""
        wanted = self.base.beside if self.beside is None else self.beside
        return wanted and self.restart != "never" and "{port}" in (self.command or self.base.command)

    @model_validator(mode="after")
    def _whole(self) -> ServiceSettings:
        if self.preset is None and self.command is None:
            raise ValueError(tr("it has neither a preset nor a command"))
        for key, value in (("health", self.health_path), ("public_url", self.public_url)):
            if self.listens_on is None and value is not None:
                raise ValueError(tr("{key} needs a port", key=key))
        if self.project and self.cwd is not None:
            raise ValueError(tr("it has both cwd and project"))
        written = f"{self.command or ''} {self.health_command}"
        _refuse_placeholders(written)
        if self.listens_on is None and "{port}" in written:
            raise ValueError(tr("its command holds {port}, and it has no port"))
        self._refuse_what_is_missing()
        return self

    @property
    def refused(self) -> str | None:
        """Why everybody may not reach it, as it is written; None where they may."""
        why = refusal(self.words(self.command or self.base.command), self.cwd or "", self.env, self.listens_on)
        return None if self.open else why

    def _refuse_what_is_missing(self) -> None:
        """What the preset wants and only the person has."""
        if self.command is None:
            for key in self.base.wants:
                name, _, variable = key.partition(".")
                if not (self.open or self.env.get(variable) if variable else getattr(self, name)):
                    raise ValueError(_wanted(self.preset, name, variable))


def _wanted(preset: str | None, name: str, variable: str) -> str:
    if not variable:
        return tr("the preset '{preset}' wants {key}", preset=preset, key=name)
    said = tr("the preset '{preset}' wants {key}", preset=preset, key=f"{name}.{variable}")
    return said + tr(", such as {form}", form=f"{name}: {{{variable}: {{env: MY_{variable}}}}}")


class Settings(RootModel[dict[Name, ServiceSettings]]):
    """Services by name. Names are lower case letters, digits and dashes, at most 31."""

    root: dict[Name, ServiceSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _beside_each_other(self, info: ValidationInfo) -> Settings:
        """No port twice, no name of ours, and nobody without a login: said of the service, the later of two."""
        beside = (info.context or {}).get("beside", {})
        needs = {name: service.depends_on for name, service in self.root.items()}
        wrong = [*self._shared_ports(), *self._refused(beside)]
        wrong += [_error((name, "depends_on"), text) for name, text in wrong_needs(needs)]
        if SERVICE in self.root and "gateway" in beside:
            wrong.append(_error((SERVICE,), tr("'{name}' is the name of the gateway's own service", name=SERVICE)))
        if wrong:
            raise ValidationError.from_exception_data("Settings", wrong)
        return self

    def _shared_ports(self) -> Iterator[InitErrorDetails]:
        owners: dict[int, str] = {}
        for name, service in self.root.items():
            port = service.listens_on
            if port is not None and (owner := owners.setdefault(port, name)) != name:
                yield _error((name, "port"), tr("port {port} is also the port of '{owner}'", port=port, owner=owner))

    def _refused(self, beside: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
        for name, service in self.root.items():
            if service.refused and not guarded(name, beside):
                yield _error((name,), service.refused)


def _error(loc: tuple[str, ...], text: str) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError("beside", "{error}", {"error": text}), loc=loc, input="")
