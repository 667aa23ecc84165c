"""The instances of hosts.yml for the stock pyinfra CLI: `pyinfra inventory/hosts.py deploy.py`."""

from gpustrap.run.pyinfra_cli import inventory

hosts = inventory(__file__)
