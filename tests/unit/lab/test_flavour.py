from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gpustrap.errors import BadInput
from gpustrap.lab import flavour
from gpustrap.lab.box import TargetName
from gpustrap.lab.flavour import find_flavour, flavour_names
from gpustrap.lab.images import Recipe
from gpustrap.lab.layers import Layer, layer_of
from gpustrap.lab.make import BoxSpec, hostname, variables

SHELLCHECK = Path(sys.executable).with_name("shellcheck")


@pytest.mark.parametrize("name", flavour_names())
def test_a_flavour_says_in_a_sentence_what_it_is(name):
    sentence = find_flavour(name).sentence
    assert 40 <= len(sentence) <= 130 and not sentence.endswith(".")


@pytest.mark.parametrize("name", flavour_names())
def test_a_flavour_names_its_sources(name):
    comment = [line for line in find_flavour(name).script.splitlines()[1:] if line.startswith("# ")]
    assert any("https://" in line or "(1)" in line or "_config(5)" in line for line in comment) or name == "minimal"


@pytest.mark.parametrize("name", flavour_names())
def test_a_recipe_passes_shellcheck(name, tmp_path):
    recipe = tmp_path / f"{name}.sh"
    recipe.write_text(Layer(Recipe("debian-12"), find_flavour(name)).script)
    checked = subprocess.run([SHELLCHECK, recipe], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_the_flavours_that_are_promised_are_there():
    providers = {"vast", "runpod", "gpushare", "autodl", "ngc", "lambda", "featurize", "openbayes"}
    assert providers <= set(flavour_names())


def test_what_stands_in_the_header_is_read():
    read = flavour.parse("x", "# A sentence\n#\n#: user me\n#: env A=b c\n#: env B={hex}\n#: disk /work\ntrue\n")
    assert (read.sentence, read.user, read.env, read.disks) == ("A sentence", "me", ("A=b c", "B={hex}"), ("/work",))
    assert (read.hostname, read.on) == (None, None)


def test_a_flavour_has_what_the_one_below_has():
    below, above = find_flavour("runpod"), find_flavour("runpod-proxy")
    assert (above.on, above.env, above.disks) == (below, below.env, below.disks)
    layer = layer_of(Recipe("debian-12"), above)
    assert layer.tag == "localhost/gpustrap-lab:debian-12-runpod-proxy"
    assert isinstance(layer.below, Layer) and layer.below.tag == "localhost/gpustrap-lab:debian-12-runpod"


@pytest.mark.parametrize("line", ["#: colour blue", "#: user", "#:"])
def test_a_header_line_that_means_nothing_is_refused(line):
    with pytest.raises(ValueError, match=r"flavours/x\.sh: '#: .*' is not one of user, hostname, env, disk, on"):
        flavour.parse("x", f"# A sentence\n{line}\n")


def test_an_unknown_flavour_gets_the_nearest_one():
    with pytest.raises(BadInput) as refused:
        find_flavour("vasst")
    assert str(refused.value) == (
        "there is no flavour 'vasst'; nearest: 'vast'\nhint: `gpustrap lab flavours` says what each is"
    )


def test_another_script_or_base_is_another_image():
    plain, vast = Recipe("debian-12"), find_flavour("vast")
    digests = {
        plain.digest,
        Layer(plain, vast).digest,
        Layer(plain, find_flavour("runpod")).digest,
        Layer(Recipe("debian-11"), vast).digest,
        Layer(Recipe("debian-12", finish="true"), vast).digest,
    }
    assert len(digests) == 5


def test_a_box_has_its_own_ports_and_name_in_its_variables():
    spec = BoxSpec(TargetName("demo"), "debian-12", find_flavour("vast"))
    assert "VAST_TCP_PORT_22=20022" in variables(spec, (20022, 28080))
    assert "VAST_TCP_PORT_8080=28080" in variables(spec, (20022, 28080))
    assert not any("{" in pair for pair in variables(spec, (20022, 28080)))
    assert hostname(spec) == "demo"
    assert hostname(BoxSpec(TargetName("demo"), "debian-12", find_flavour("gpushare"))) == "I2a97516c35"


def test_the_page_lists_every_flavour():
    page = (Path(__file__).parents[3] / "docs" / "lab.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{name}` | {find_flavour(name).sentence} |" for name in flavour_names()]
