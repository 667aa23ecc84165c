"""Boxes as they were surveyed, for tests of what is decided from a survey; `dataclasses.replace` makes others of them."""

from __future__ import annotations

from dataclasses import replace

from gpustrap.resolve.box.survey import Survey

DEBIAN = Survey(
    os_id="debian",
    os_version="12",
    os_codename="bookworm",
    arch="x86_64",
    hostname="box",
    user="root",
    home="/root",
    shell="/bin/bash",
    glibc=(2, 36),
    python=(3, 11, 2),
    conda=None,
    kind="container",
    kind_reason="/.dockerenv exists",
    systemd=False,
    provider="plain",
    provider_reason="no trace of a known provider",
    cpus=8.0,
    memory_bytes=64 * 1024**3,
)
UBUNTU = replace(DEBIAN, os_id="ubuntu", os_version="22.04", os_codename="jammy", glibc=(2, 35), python=(3, 10, 12))
