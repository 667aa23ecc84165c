"""The instances of hosts.yml for the stock pyinfra CLI: `pyinfra inventory/hosts.py deploy.py`."""

from gpustrap.engine.stock import inventory

hosts = inventory(__file__)
