"""What one probe from a box has seen: values only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Probe:
    """One URL, asked from the box as `service`'s client asks it.

    `code` is curl's exit code, whoever asked (`by`: curl, python3, wget). Times are seconds since the start, 0 for
    what was not reached. `verify` is OpenSSL's reason against a certificate. `end` is the host that answered last,
    after redirects. `browser` is the status that a browser's User-Agent gets where the client's own got 403, 0 for
    not asked. `names` are the addresses that the box's resolver gives for `host`. `small`: it was silent, and answers
    when it is told to send small packets only.
    """

    service: str
    host: str
    code: int = 0
    by: str = "curl"
    scheme: str = "https"
    address: str = ""
    dns: float = 0.0
    connect: float = 0.0
    tls: float = 0.0
    first: float = 0.0
    total: float = 0.0
    status: int = 0
    proxy_status: int = 0
    size: int = 0
    bytes_per_second: int = 0
    verify: int = 0
    end: str = ""
    browser: int = 0
    names: tuple[str, ...] = ()
    error: str = ""
    body: str = ""
    small: bool = False

    @property
    def name(self) -> str:
        """The host without its port."""
        return self.host if self.host.count(":") > 1 else self.host.partition(":")[0]

    @property
    def connected(self) -> bool:
        """Whether TCP came about; of a TLS that hangs curl tells no time for it, but the address."""
        return self.connect > 0 or self.address not in ("", "-")

    @property
    def answered(self) -> bool:
        return self.status > 0
