"""Role `example_role`: what is done. Its function gets the settings, or what a resolve.py chose."""

from pyinfra.api import deploy

from gpustrap.engine.operations.files import managed
from gpustrap.engine.templates import template


@deploy("example_role")
def example_role(chosen):
    """One file, written from a template. Without a difference nothing is done."""
    managed(
        name="text",
        files=[template("example_role/text.j2", "/etc/gpustrap/example_role.txt", text=chosen.text)],
    )
