"""What holds for the settings of every role, and for what stands inside of them: defaults, bounds, unknown keys."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from gpustrap import content

GATEWAY, PROJECT, SERVICE = {"routes": {}, "open": True}, {"git": "git@h.lan:a"}, {"command": "x"}
WHEELS = {"kind": "index", "url": "https://a/{tag}"}
# Role and model → the least that makes one, and what is not written then.
MODELS: dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]] = {
    ("access", "Settings"): ({}, {"keys": ()}),
    ("base", "Settings"): ({}, {"packages": ("ca-certificates", "curl", "git", "iproute2", "tmux"), "extra": ()}),
    ("gateway", "Settings"): (GATEWAY, {"port": 8080, "token": None, "tls": None}),
    ("gateway", "RouteTo"): ({"service": "web"}, {"strip": False}),
    ("hub", "Settings"): ({}, {"token": None, "cache": "auto", "prefetch": (), "workers": 4}),
    ("hub", "Prefetch"): ({"model": "a/b"}, {"dataset": None, "revision": "main", "allow": (), "ignore": ()}),
    ("mirrors", "Settings"): ({}, {
        **dict.fromkeys(("apt", "pypi", "conda", "npm", "hf", "python_build", "xet"), "auto"),
        "git": "upstream", "measure": False, "hf_token_to_mirror": False}),
    ("network", "Settings"): ({}, {"proxy": None, "no_proxy": (), "lent_hosts": ()}),
    ("project", "Settings"): (PROJECT, {
        **dict.fromkeys(("path", "ref", "key", "token", "dest", "python")),
        "also": (".env",), "environment": "auto", "other_torch": "refuse", "most_mib": 256, "on_box_changes": "refuse"}),
    ("python", "Settings"): ({}, {"source": "auto"}),
    ("services", "Check"): (SERVICE, {}),
    ("services", "ServiceSettings"): (SERVICE, {
        **dict.fromkeys(("preset", "port", "cwd", "health", "ready_seconds", "threads", "memory_gib", "nofile",
                         "public_url", "beside")),
        "project": False, "env": {}, "depends_on": (), "restart": "always", "tries": 10, "open": False}),
    ("torch", "Settings"): ({}, {
        **dict.fromkeys(("version", "cuda", "gpu", "driver", "python", "place", "wheel_mirrors")),
        "into": "venv", "reuse": True, "torchvision": True, "torchaudio": True}),
    ("torch", "WheelMirror"): (WHEELS, {}),
}  # fmt: skip


def model_of(role: str, name: str) -> type[BaseModel]:
    model: type[BaseModel] = getattr(content.role_module(role, "settings"), name)
    return model


@pytest.mark.parametrize("model", MODELS)
def test_what_is_not_written_is_its_default(model: tuple[str, str]) -> None:
    least, rest = MODELS[model]
    assert model_of(*model).model_validate(least).model_dump() == {**least, **rest}


@pytest.mark.parametrize("model", MODELS)
def test_a_key_that_nobody_knows_is_refused(model: tuple[str, str]) -> None:
    with pytest.raises(ValidationError, match="nonsense\n  Extra inputs are not permitted"):
        model_of(*model).model_validate({**MODELS[model][0], "nonsense": 1})


@pytest.mark.parametrize("model", MODELS)
def test_settings_are_what_was_written_and_stay_it(model: tuple[str, str]) -> None:
    one = model_of(*model).model_validate(MODELS[model][0])
    name = next(iter(type(one).model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(one, name, getattr(one, name))


@pytest.mark.parametrize(
    ("model", "key", "taken", "refused"),
    [
        (("gateway", "Settings"), "port", (1, 65535), (0, 65536)),
        (("hub", "Settings"), "workers", (1, 16), (0, 17)),
        (("project", "Settings"), "most_mib", (1, 100_000), (0, 100_001)),
        (("project", "Settings"), "python", ("3.9", "3.12.14"), ("2.7", "3", "3.123", "3.12.1.1", "x3.12", "3.12x")),
        (("services", "Check"), "command", ("x",), ("",)),
        (("services", "ServiceSettings"), "port", (1, 65535), (0, 65536)),
        (("services", "ServiceSettings"), "cwd", ("/", "/a b"), ("", "a/")),
        (("services", "ServiceSettings"), "tries", (1, 1000), (0, 1001)),
        (("services", "ServiceSettings"), "ready_seconds", (1, 3600), (0, 3601)),
        (("services", "ServiceSettings"), "threads", (1, 4096), (0, 4097)),
        (("services", "ServiceSettings"), "memory_gib", (0.5, 65536), (0, 65536.5)),
        (("services", "ServiceSettings"), "nofile", (64, 1_048_576), (63, 1_048_577)),
        (("torch", "Settings"), "place", ("/", "/data/a-b"), ("a", "/a b", "/a'b", "x/")),
    ],
)
def test_a_value_is_taken_up_to_its_bounds(model: tuple[str, str], key: str, taken: Any, refused: Any) -> None:
    least = MODELS[model][0]
    for value in taken:
        assert getattr(model_of(*model).model_validate({**least, key: value}), key) == value
    for value in refused:
        with pytest.raises(ValidationError):
            model_of(*model).model_validate({**least, key: value})


@pytest.mark.parametrize(
    ("name", "taken"), [("a", True), ("0-a", True), ("a" * 31, True), ("a" * 32, False), ("-a", False), ("A", False)]
)
def test_a_service_may_be_called_so(name: str, taken: bool) -> None:
    values = {name: SERVICE}
    if taken:
        assert [*model_of("services", "Settings").model_validate(values).root] == [name]  # type: ignore[attr-defined]
    else:
        with pytest.raises(ValidationError):
            model_of("services", "Settings").model_validate(values)
