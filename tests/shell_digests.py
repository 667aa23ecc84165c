"""What a shell answers when it is asked for the digests of its variables: `gpustrap.engine.shells` asks so."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any


def sha256sum(text: str) -> str:
    return f"{hashlib.sha256(text.encode()).hexdigest()}  -\n"


def shell(environment: Mapping[str, Any]) -> Callable[[str], str]:
    """What a shell with this environment answers when it is asked for the digests of variables."""

    def answer(command: str) -> str:
        names = dict.fromkeys(re.findall(r"\$\{(\w+)-\}", command))
        plain = {name: environment.get(name, "") for name in names}
        plain = {name: value if isinstance(value, str) else value.get_secret_value() for name, value in plain.items()}
        if "gpustrap-values" in command:
            return "gpustrap-values " + sha256sum("".join(f"{value}\0" for value in plain.values()))
        return "".join(f"gpustrap-value {name} {sha256sum(value)}" for name, value in plain.items())

    return answer
