"""A program that stands for conda, of which no real one is to be had without Anaconda's or conda-forge's own servers.

What it is asked and what it answers is as in conda's own source (conda/cli/main_env_create.py, main_env_update.py and
main_compare.py, read 2026-11): `env create|update --prefix P --file F`, and `compare --prefix P F`. It knows lines such as
`greet=1.0` and `greet`; a package is a module of that name which says its version. The Python is real, by venv.
"""

CONDA = """#!/usr/bin/env python3
import json, pathlib, re, subprocess, sys

words = sys.argv[1:]
prefix = pathlib.Path(words[words.index("--prefix") + 1])
file = pathlib.Path(words[words.index("--file") + 1] if "--file" in words else words[-1])
lines = [line[4:].partition("#")[0].strip() for line in file.read_text().splitlines() if line.startswith("  - ")]
if not all(re.fullmatch("[a-z]+(=[0-9.]+)?", line) for line in lines):
    sys.exit("CondaValueError: could not parse " + file.name)
asked = dict(line.partition("=")[::2] for line in lines if not line.startswith("python"))
meta = prefix / "conda-meta"
if words[0] == "env":
    if words[1] == "create" and prefix.exists():
        sys.exit("CondaValueError: prefix already exists: " + str(prefix))
    if words[1] == "create":
        subprocess.run(["python3", "-m", "venv", "--without-pip", prefix], check=True)
        meta.mkdir()
    (site,) = prefix.glob("lib/python*/site-packages")
    for name, version in asked.items():
        for old in meta.glob(name + "-*.json"):
            old.unlink()
        version = version or "1.0"
        (meta / f"{name}-{version}-0.json").write_text(json.dumps({"name": name, "version": version}))
        (site / (name + ".py")).write_text(f"version = {version!r}\\n")
    sys.exit()
if words[0] != "compare" or not meta.is_dir():
    sys.exit("EnvironmentLocationNotFound: Not a conda environment: " + str(prefix))
there = {one["name"]: one["version"] for one in (json.loads(row.read_text()) for row in meta.glob("*.json"))}
said = [f"{name} not found" for name in asked if name not in there]
said += [
    f"{name} found but mismatch. Specification pkg: {name}={asked[name]}, Running pkg: {name}=={there[name]}=0"
    for name in asked if name in there and asked[name] not in ("", there[name])
]
print("\\n".join(said or ["Success. All the packages in the specification file are present in the environment"]))
sys.exit(bool(said))
"""
