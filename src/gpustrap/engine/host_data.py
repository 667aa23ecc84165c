"""What pyinfra is told of a host for the replay connector."""

from __future__ import annotations

from pydantic import SecretStr
from pyinfra.connectors.base import DataMeta
from pyinfra.connectors.ssh import ConnectorData, connector_data_meta


class ReplayData(ConnectorData):
    """`gpustrap_memory` is the file that holds the commands of the last run; without it, as after `--no-replay`, each
    fact is an exec of its own and the results are the same.
    """

    gpustrap_memory: str
    gpustrap_checks: str
    gpustrap_sudo_password: SecretStr


DATA_META = {
    **connector_data_meta,
    "gpustrap_memory": DataMeta("File with the fact commands of the last run"),
    "gpustrap_checks": DataMeta("File with the commands of the last verification, asked with the facts"),
    "gpustrap_sudo_password": DataMeta("Password that sudo asks a user for who is not root"),
}
