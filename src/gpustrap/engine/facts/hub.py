"""What of the wanted revisions an instance has, and what a hub says of them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pyinfra.api import FactBase

from gpustrap.engine.hub_script import hub_script
from gpustrap.engine.hub_seen import Snapshot, read
from gpustrap.resolve.hub import Client, Wanted


class HubSnapshots(FactBase[dict[int, Snapshot]]):
    """Place in `wanted` → `Snapshot`; empty while the client is not there."""

    def command(self, client: Client, wanted: Sequence[Wanted]) -> str:
        return hub_script(client, wanted, "look")

    @staticmethod
    def default() -> dict[int, Snapshot]:
        return {}

    def process(self, output: list[str]) -> dict[int, Snapshot]:
        rows = [json.loads(line.removeprefix("hub ")) for line in output if line.startswith("hub {")]
        return {int(row["at"]): read(row) for row in rows}
