"""Settings of the role `gateway`: paths on one port → services, and the token that it asks for."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    SecretStr,
    Tag,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from gpustrap.errors import BadInput, Fault
from gpustrap.inventory.secrets import Secret
from gpustrap.language import tr
from roles.gateway.beside import Clash, clashes

PLACE = r"^(?![.-])[a-z0-9.-]*(?<![.-])/[A-Za-z0-9._~/-]*$"


def _is_place(place: str) -> str:
    if not re.fullmatch(PLACE, place):
        raise ValueError(tr("expected a path such as /api, or a name before it such as api.example.org/"))
    return place


Place = Annotated[str, AfterValidator(_is_place), WithJsonSchema({"type": "string", "pattern": PLACE})]

# It stands in a link, a cookie and a header as it is written.
TOKEN = re.compile(r"[A-Za-z0-9._~-]{16,256}")


class Token(Secret):
    """A secret of the form that a token may have."""

    def read(self) -> SecretStr:
        """Raises BadInput for another form too; no part of it is said."""
        value = super().read()
        if not TOKEN.fullmatch(value.get_secret_value()):
            wrong = tr("the token has to be 16 to 256 letters, digits and . _ ~ -")
            raise BadInput(Fault(wrong, hint=tr("`openssl rand -hex 24` makes one")))
        return value


class RouteTo(BaseModel):
    """Where a path leads, with what is done to the path."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: str = Field(description="The name of a service")
    strip: bool = Field(False, description="The service sees the path without its beginning: /api/users as /users")


class Given(BaseModel):
    """A certificate of the person's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    certificate: Path = Field(
        description="PEM file on this computer with the whole chain, such as fullchain.pem; a relative path starts at"
        " the project"
    )
    key: Secret = Field(description="Its private key, PEM without a passphrase")

    @field_validator("certificate")
    @classmethod
    def _is_one(cls, given: Path, info: ValidationInfo) -> Path:
        from cryptography import x509

        path: Path = (info.context or {}).get("project", Path()) / given.expanduser()
        try:
            ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
        except OSError as error:
            raise ValueError(tr("{path} cannot be read: {reason}", path=path, reason=error.strerror)) from None
        except ValueError:
            raise ValueError(tr("{path} is no certificate in PEM form", path=path)) from None
        if ends < datetime.now(UTC):
            raise ValueError(tr("the certificate in {path} has expired on {day}", path=path, day=f"{ends:%Y-%m-%d}"))
        return path


def _form(value: object) -> str:
    """Which of the two it is checked as, so that only that one says what is wrong."""
    return "word" if isinstance(value, str) else "given"


Tls = Annotated[Annotated[Literal["self-signed"], Tag("word")] | Annotated[Given, Tag("given")], Discriminator(_form)]


class Settings(BaseModel):
    """Several services behind the one port that gets out. The longest path that fits is taken.

    A name before a path is the host that has to be asked for; what has no routes under its name gets those without one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: int = Field(8080, ge=1, le=65535, description="The port that the provider maps to the outside")
    routes: dict[Place, str | RouteTo] = Field(
        description="Path, such as /api, or host and path, such as api.example.org/ → the name of a service,"
        " or {service, strip}"
    )
    token: Token | None = Field(
        None, description="What everybody is asked for: as `Authorization: Bearer`, or by the link /?token=…"
    )
    tls: Tls | None = Field(
        None,
        description="Speak https where the provider does not: `self-signed` (browsers warn once) or {certificate, key}",
    )
    open: bool = Field(False, description="Everybody may reach all of it, without a token")

    @model_validator(mode="after")
    def _whole(self, info: ValidationInfo) -> Settings:
        if self.token is None and not self.open:
            raise ValueError(
                tr("it has no token, so everybody could come: token: {env: NAME}, or `open: true` where it is meant so")
            )
        if self.token is not None and self.open:
            raise ValueError(tr("it has both token and open"))
        routes = {place: to if isinstance(to, str) else to.service for place, to in self.routes.items()}
        found = clashes(self.port, routes, (info.context or {}).get("beside", {}))
        if found:
            raise ValidationError.from_exception_data("Settings", [_error(one) for one in found])
        return self


def _error(clash: Clash) -> InitErrorDetails:
    return InitErrorDetails(
        type=PydanticCustomError("clash", "{error}", {"error": clash.text}), loc=clash.loc, input=""
    )
