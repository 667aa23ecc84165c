"""Applies each instance's roles: `pyinfra inventory/hosts.py deploy.py`."""

from pyinfra import host

from gpustrap.run.pyinfra_cli import apply_roles

apply_roles(host)
