"""The image's Pythons with their torch, and the constraints set for pip and uv: what the survey's script printed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gpustrap.engine.scripts import script
from gpustrap.resolve.box.survey import ImageConstraint, ImagePython
from gpustrap.resolve.versions import parse

SECONDS = 5  # for one Python to say what it is
PATIENCE = 10  # for the one on PATH, which is told where it hangs
# What an image's or a provider's conda is installed in; those of the home are looked for besides.
CONDA_ROOTS = """
    /root/miniconda3 /usr/local/miniconda3 /opt/conda /opt/miniconda3 /environment/miniconda3
    /root/anaconda3 /usr/local/anaconda3 /opt/anaconda3 /opt/miniforge3 /opt/mambaforge
    /usr/local/miniforge3 /root/miniforge3 /root/mambaforge /opt/micromamba /databricks/conda
""".split()

# Prints its version, before what an image has put into its start can print, hang or fail; then one framed line. torch
# is not imported, nor its version.py run. Without `re` and `json`, whose import takes nearly as long as all the rest.
LOOK = r"""
import sys
print("%d.%d.%d" % sys.version_info[:3], flush=True)
import site
site.main()
import os, sysconfig
try: from _json import encode_basestring_ascii as quoted
except ImportError: from json import dumps as quoted
def text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file: return file.read(100000)
    except OSError: return ""
versions = [text(os.path.join(folder, "torch", "version.py")) for folder in sys.path]
told = next((found for found in versions if found), "")
def value(name): # NAME = "…", or NAME: Optional[str] = "…"
    for line in told.split("\n"):
        left, _, right = (part.strip(" ") for part in line.partition("="))
        words = right.replace("'", '"').split('"')
        if line.startswith(name) and left.partition(":")[0].rstrip(" ") == name and len(words) > 2 and not words[0]:
            return words[1]
named, on = [], False
for line in text(os.path.join(sys.prefix, "pip.conf")).split("\n"):
    below = line.startswith((" ", "\t")) and line.strip() != ""
    rest = line[len("constraint"):].lstrip(" \t") if line.startswith("constraint") else ""
    on = on if below else rest.startswith(("=", ":"))
    if on: named += line.split() if below else rest[1:].split()
told_there = [(name, text(name)) for name in named[:20] if name.startswith("/") and os.path.isfile(name)]
def pin(line): return line.lower().startswith(("torch", "triton", "nvidia-", "cuda-")) and "/" not in line
pins = [[name, [line for line in said.split("\n") if pin(line)][:40]]
        for name, said in told_there if not said.startswith("# Managed by gpustrap")]
kind = "conda" if os.path.isdir(os.path.join(sys.prefix, "conda-meta")) else "venv" if sys.prefix != sys.base_prefix else "system"
def json(it): return "null" if it is None else "[%s]" % ", ".join(map(json, it)) if isinstance(it, list) else quoted(it)
print("gpustrap-python {%s}" % ", ".join('"%s": %s' % (key, json(it)) for key, it in (
    ("version", ".".join(map(str, sys.version_info[:3]))), ("torch", value("__version__")), ("cuda", value("cuda")),
    ("prefix", sys.prefix), ("packages", sysconfig.get_path("purelib")), ("kind", kind), ("constraints", pins))))
"""  # noqa: E501

Said = Mapping[str, Sequence[str]]


def command() -> str:
    """Shell that prints `python`, `image_python` and `constraint` lines; `limited` is to stand before it."""
    return script("pythons", patience=PATIENCE, seconds=SECONDS, conda_roots=" ".join(CONDA_ROOTS), look=LOOK)


@dataclass(frozen=True)
class Found:
    """The image's Pythons in the order in which they were found, and the constraints that it sets."""

    pythons: tuple[ImagePython, ...]
    constraints: tuple[ImageConstraint, ...]


def read(said: Said) -> Found:
    """From what the script printed: key → lines."""
    return Found(read_pythons(said), read_constraints(said))


def read_pythons(said: Said) -> tuple[ImagePython, ...]:
    """In the order in which they were found; what is no whole answer is passed over."""
    found = (_python(*line.partition("\t")[::2]) for line in dict.fromkeys(said.get("image_python", ())))
    return tuple(python for python in found if python is not None)


def read_constraints(said: Said) -> tuple[ImageConstraint, ...]:
    """Each file once for each place that names it."""
    rows = (line.split("\t", 2) for line in said.get("constraint", ()))
    return tuple(
        ImageConstraint(row[0], row[1], _pins(row[2])) for row in rows if len(row) == 3 and row[1].isprintable()
    )


def _pins(text: str) -> tuple[str, ...]:
    lines = (line.partition("#")[0].strip() for line in re.split("[\x1f\n]", text))
    return tuple(line for line in lines if line and line.isprintable())


def _python(path: str, text: str) -> ImagePython | None:
    try:
        told: dict[str, Any] = json.loads(text)
        version = parse(told["version"])
        files = [file for file, _ in told["constraints"]]
        shown = (path, told["prefix"], told["packages"], told["torch"], *files)
        if version is None or not path.startswith("/") or not all(str(word).isprintable() for word in shown):
            return None
        return ImagePython(
            path,
            version,
            told["torch"] or None,
            parse(told["cuda"] or ""),
            str(told["prefix"]),
            str(told["packages"]),
            _kind(told["kind"]),
            tuple(_constraint(told["prefix"], *row) for row in told["constraints"]),
        )
    except (ValueError, TypeError, KeyError):
        return None


def _constraint(prefix: str, file: str, pins: Sequence[str]) -> ImageConstraint:
    return ImageConstraint(f"{prefix}/pip.conf", file, _pins("\n".join(pins)))


def _kind(text: object) -> Literal["venv", "conda", "system"]:
    return "venv" if text == "venv" else "conda" if text == "conda" else "system"
