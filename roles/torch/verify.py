"""What the role `torch` promises: the chosen build is there, untouched, and computes."""

import json
import shlex
from contextlib import suppress
from typing import Any

import pytest

from gpustrap.language import tr
from gpustrap.resolve.versions import dotted

VERSIONS = """
import json, sys
from importlib import metadata
def version(name):
    try: return metadata.version(name)
    except metadata.PackageNotFoundError: return None
print(json.dumps({name: version(name) for name in sys.argv[1:]}))
"""
COMPUTE = """
import json, torch
card = torch.cuda.is_available()
ones = torch.ones(64, 64, device="cuda" if card else "cpu")
print(json.dumps({"version": torch.__version__, "cuda": torch.version.cuda, "card": card,
                  "codes": torch.cuda.get_arch_list(), "sum": (ones @ ones).sum().item()}))
"""

# Offers pip a wheel that only says it is another torch, in this environment, and asks what it would do.
PIP_REPLACES = """
import os, subprocess, sys, tempfile, zipfile
info = "torch-0.0.1.dist-info/"
files = {info + "METADATA": "Metadata-Version: 2.1\\nName: torch\\nVersion: 0.0.1\\n", info + "RECORD": "",
         info + "WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
def asks(*pip):
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(folder + "/torch-0.0.1-py3-none-any.whl", "w") as wheel:
            for name, text in files.items(): wheel.writestr(name, text)
        words = ["install", "--dry-run", "--no-deps", "--no-index", "--no-input", "--disable-pip-version-check",
                 "--find-links", folder, "torch==0.0.1"]
        done = subprocess.run([*pip, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60)
        return done.stdout
said = asks(sys.executable, "-I", "-m", "pip")
if "No module named pip" in said:
    said = "no such option: --python"
    for pip in ("pip3", "pip"):
        try: said = asks(pip, "--python", sys.executable)
        except OSError: continue
        break
print("no pip" if "no such option: --python" in said else said)
"""
UV_REPLACES = """
. "$1" >/dev/null 2>&1
exec "$2" pip install --dry-run --offline --no-index --no-config --python "$3" torch==0.0.1
"""


def last_line(text: str) -> str:
    """Of a traceback that is its error."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), tr("it said nothing"))


def told(done: Any, what: str) -> Any:
    """The object that one of the programs above printed; what a package prints as Python starts is passed over."""
    for line in reversed(done.stdout.splitlines() if done.rc == 0 else ()):
        with suppress(ValueError):
            if isinstance(found := json.loads(line), dict):
                return found
    return pytest.fail(f"{what}: {last_line(done.stderr or done.stdout)}", pytrace=False)


@pytest.fixture(scope="module")
def computed(host, chosen):
    """What torch says of itself after a matrix product: on the card, or on the CPU where none is visible."""
    return told(host.run("%s -I -W ignore -c %s", chosen.python, COMPUTE), tr("torch does not run"))


def test_torch_is_the_chosen_one_and_was_not_replaced(host, chosen):
    names = " ".join(chosen.packages)
    there = told(
        host.run(f"%s -I -c %s {names}", chosen.python, VERSIONS), tr("{python} does not run", python=chosen.python)
    )
    replaced = [
        tr("{name} is {there}, not {right}", name=name, there=there[name] or "not there", right=right[0])
        for name, right in chosen.packages.items()
        if there[name] not in right
    ]
    assert not replaced, "; ".join(replaced) + tr(": something replaced it; `gpustrap up` puts it back")


def test_torch_computes(computed):
    assert computed["sum"] == 64**3, tr(
        "torch computes wrongly: a sum that is {value} comes out as {computed}", value=64**3, computed=computed["sum"]
    )


def test_torch_has_the_chosen_cuda(chosen, computed):
    wanted = dotted(chosen.build.cuda) if chosen.build.cuda else None
    assert computed["cuda"] == wanted, tr(
        "torch is built for {computed}, and {wanted} was chosen: `gpustrap up` puts it back",
        computed=cuda(computed["cuda"]),
        wanted=cuda(wanted),
    )


def cuda(version: str | None) -> str:
    return f"CUDA {version}" if version else tr("the CPU")


def test_torch_has_code_for_the_visible_cards(chosen, computed):
    if not chosen.codes:
        pytest.skip("no card is visible")
    assert computed["card"], tr("a card is visible, but torch does not see it")
    missing = sorted(set(chosen.codes) - set(computed["codes"]))
    assert not missing, tr(
        "torch has no code for a visible card ({missing}); it has {computed}",
        missing=", ".join(missing),
        computed=", ".join(computed["codes"]),
    )


def test_pip_does_not_replace_torch_in_its_environment(host, chosen):
    said = host.run("%s -I -c %s", chosen.python, PIP_REPLACES)
    if said.stdout.strip() == "no pip":
        pytest.skip(tr("no pip installs into this environment"))
    if "(constraint) torch" in said.stdout:
        return
    if "Would install" not in said.stdout:
        pytest.fail(
            tr(
                "pip does not say whether it would replace torch: {stderr}",
                stderr=last_line(said.stderr or said.stdout),
            ),
            pytrace=False,
        )
    pytest.fail(
        tr(
            "pip would replace torch in {chosen.guard.prefix}: something there goes before {chosen.guard.pip_conf}",
            chosen=chosen,
        ),
        pytrace=False,
    )


def test_uv_does_not_replace_torch_while_its_environment_is_active(host, chosen):
    if not chosen.guard.activation:
        pytest.skip("this Python is not activated")
    said = host.run("sh -c %s sh %s %s %s", UV_REPLACES, chosen.guard.activation, chosen.installation.uv, chosen.python)
    if said.rc != 0 and "and torch==" in " ".join(said.stderr.split()):
        return
    if said.rc != 0 and "no solution found" not in said.stderr.lower():
        pytest.fail(
            tr("uv does not say whether it would replace torch: {stderr}", stderr=last_line(said.stderr)), pytrace=False
        )
    pytest.fail(tr("uv would replace torch while {prefix} is active", prefix=chosen.guard.prefix), pytrace=False)


def test_no_other_environment_is_held_to_this_torch(host, chosen):
    variables = "env | grep -E '^(PIP|UV)_CONSTRAINT='"
    for shell in (variables, f'env -i HOME="$HOME" bash -lc {shlex.quote(variables)}'):
        assert chosen.guard.file not in host.run(shell).stdout.replace("=", " ").split(), tr(
            "a variable names {file} in every shell, so other environments are held to this torch too",
            file=chosen.guard.file,
        )
