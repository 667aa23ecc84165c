"""The hosts.yml of a new project, made of a person's first answers."""

from __future__ import annotations

import io
from collections.abc import Sequence

from gpustrap import content
from gpustrap.language import tr

ROLES = ("network", "mirrors", "base", "python", "services")
PORT = 8080  # of the preset hello


def starter() -> str:
    """The text of a project that nobody was asked about: one local container."""
    return (content.builtin_root() / "templates" / "init" / "hosts.yml").read_text(encoding="utf-8")


def lab_hosts(name: str, release: str, flavour: str | None = None) -> str:
    """The starter with its container under another name, of another release or flavour."""
    head, lab, tail = starter().partition("  demo:\n    lab: debian-12")
    assert lab, "templates/init/hosts.yml has the instance demo"
    return f"{head}  {name}:\n    lab: {release}{tail}" + (f"    flavour: {flavour}\n" if flavour else "")


def rented_hosts(
    name: str, ssh: str, *, roles: Sequence[str] = ROLES, gpu: str | None = None, port: int | None = None
) -> str:
    """One rented instance with the pasted command `ssh`. `gpu` is the card that it will have, `port` that of the
    first service, None for the preset's own.
    """
    head, _, _ = starter().partition("  demo:\n")
    lines = [f"  {name}:", f"    {_yaml({'ssh': ssh})}"]
    lines += [f"    roles: [{', '.join(roles)}]"] if tuple(roles) != ROLES else []
    lines += [f"    torch: {{gpu: {_yaml(gpu)}}} # while it is not visible"] if gpu and "torch" in roles else []
    if "services" in roles:
        service = "{preset: hello}" if port in (None, PORT) else f"{{preset: hello, port: {port}}}"
        about = tr("answers on its port: put your own in its place")
        lines += ["    services:", f"      web: {service} # {about}"]
    return head + "".join(f"{line}\n" for line in lines)


def _yaml(value: object) -> str:
    """`value` in one line of YAML, in quotes where it needs them."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.width = False, 10**6
    written = io.StringIO()
    yaml.dump(value, written)
    return written.getvalue().removesuffix("...\n").strip()
