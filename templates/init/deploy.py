"""Applies each instance's roles: `pyinfra inventory/hosts.py deploy.py`."""

from pyinfra import host

from gpustrap.engine.stock import apply_roles

apply_roles(host)
