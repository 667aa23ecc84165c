"""What the role `torch` promises: the chosen build is there, untouched, and computes."""

import json

import pytest

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


@pytest.fixture(scope="module")
def computed(host, chosen):
    """What torch says of itself after a matrix product: on the card, or on the CPU where none is visible."""
    done = host.run("%s -W ignore -c %s", chosen.python, COMPUTE)
    assert done.rc == 0, f"torch does not run: {done.stderr.strip().splitlines()[-1:] or 'it said nothing'}"
    return json.loads(done.stdout)


def test_torch_is_the_chosen_one_and_was_not_replaced(host, chosen):
    names = " ".join(chosen.packages)
    there = json.loads(host.check_output(f"%s -c %s {names}", chosen.python, VERSIONS))
    replaced = [
        f"{name} is {there[name] or 'not there'}, not {right[0]}"
        for name, right in chosen.packages.items()
        if there[name] not in right
    ]
    assert not replaced, "; ".join(replaced) + ": something replaced it; `gpustrap up` puts it back"


def test_torch_computes(computed):
    assert computed["sum"] == 64**3


def test_torch_has_the_chosen_cuda(chosen, computed):
    wanted = ".".join(map(str, chosen.build.cuda)) if chosen.build.cuda else None
    assert computed["cuda"] == wanted


def test_torch_has_code_for_the_visible_cards(chosen, computed):
    if not chosen.codes:
        pytest.skip("no card is visible")
    assert computed["card"], "a card is visible, but torch does not see it"
    assert set(chosen.codes) <= set(computed["codes"])


def test_shells_have_the_constraints(host, chosen):
    for name, file in chosen.variables.items():
        assert host.check_output("printenv %s", name) == file
        assert host.check_output(f"env -i HOME=$HOME bash -lc 'printenv {name}'") == file
