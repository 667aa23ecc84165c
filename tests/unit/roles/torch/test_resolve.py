"""Which torch an instance gets: the machine as seen, declared or remembered, the image's own, the installation."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gpustrap.errors import InstanceFailed
from gpustrap.resolve.box.survey import ImageConstraint, ImagePython, VisibleCard
from gpustrap.resolve.context import Context
from gpustrap.resolve.download import Download
from gpustrap.run.decisions import Decisions

CONTEXT = Context("trainer", "global", ("torch",))
CONDA = "/opt/conda/bin/python"
V100 = json.dumps({"cards": [{"name": "Tesla V100-SXM2-32GB", "major": 7, "minor": 0}], "driver": "580.65.06"})


def choose(survey, context=CONTEXT, **settings):
    from roles.torch.resolve import choose
    from roles.torch.settings import Settings

    return choose(Settings(**settings), survey, context)


def refused(survey, context=CONTEXT, **settings):
    with pytest.raises(InstanceFailed) as failed:
        choose(survey, context, **settings)
    return failed.value


@pytest.fixture
def no_card(survey):
    """The same box in no-card mode."""
    return replace(survey, gpus=(), driver=None)


def test_it_goes_to_the_roomiest_disk_that_survives(survey):
    chosen = choose(survey, version="2.9.1")
    assert chosen.python == "/large/gpustrap/venvs/torch/bin/python"
    assert chosen.guard.file == "/large/gpustrap/constraints.txt"


def test_without_such_a_disk_it_goes_to_the_home(survey):
    """The root file system counts as the home."""
    chosen = choose(replace(survey, disks=survey.disks[:1]), version="2.9.1")
    assert chosen.place == "/root/gpustrap"


def test_what_a_card_was_is_written_where_the_survey_looks_whatever_the_place(survey):
    chosen = choose(survey, place="/elsewhere")
    assert (chosen.place, chosen.memory_file) == ("/elsewhere", "/large/gpustrap/gpustrap-torch.json")


@pytest.mark.parametrize(
    ("settings", "pin"),
    [
        ({"gpu": "RTX 4090", "driver": "550.54.14"}, "torch==2.14.1+cu126"),
        ({"gpu": "RTX 4090", "driver": "580.65.06"}, "torch==2.15.0+cu132"),
        ({"gpu": "RTX 5090", "driver": "570.124.06"}, "torch==2.13.0+cu129"),
        ({"gpu": "none"}, "torch==2.14.1+cpu"),
        ({"cuda": "cpu", "version": "2.13.0"}, "torch==2.13.0+cpu"),
    ],
)
def test_no_card_mode_follows_what_is_declared(no_card, settings, pin):
    python = {} if settings.get("driver") != "580.65.06" else {"python": "3.12"}
    assert choose(no_card, **settings, **python).installation.from_mirrors[0] == pin


def test_no_card_mode_follows_the_card_that_was_last_seen(no_card):
    chosen = choose(replace(no_card, torch_memory=V100))
    assert chosen.installation.from_mirrors[0] == "torch==2.14.1+cu126"
    assert chosen.card is None and chosen.codes == ()


def test_a_declared_card_goes_before_the_one_last_seen_and_does_not_take_its_driver(no_card):
    chosen = choose(replace(no_card, torch_memory=V100), gpu="RTX 4090")
    assert "RTX 4090 (8.9) runs the wheel's sm_86 code: same major number, minor not above the card's" in chosen.reasons
    assert any(reason.startswith("the driver is not known") for reason in chosen.reasons)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cards": []}', '{"cards": [{}]}', '{"cards": 3}', "null"])
def test_a_memory_that_cannot_be_read_is_none(no_card, text):
    assert refused(replace(no_card, torch_memory=text)).error.startswith("no card is visible and none is declared")


def test_the_visible_card_is_remembered_in_the_form_that_is_read_back(survey, no_card):
    card = choose(survey).card
    remembering = replace(no_card, torch_memory=json.dumps(card))
    assert choose(remembering).installation.from_mirrors == choose(survey).installation.from_mirrors


def test_the_first_start_with_a_card_says_what_is_otherwise_than_declared_and_remembered(survey):
    chosen = choose(replace(survey, torch_memory=V100), gpu="RTX 3090", driver="570.124.06")
    assert chosen.differences == (
        "hosts.yml declares RTX 3090 (8.6), here is NVIDIA GeForce RTX 4090 (8.9): what is seen counts",
        "hosts.yml declares driver 570.124.06, here is 550.54.14: what is seen counts",
        "the last start with a card had Tesla V100-SXM2-32GB (7.0), here is NVIDIA GeForce RTX 4090 (8.9): what is seen counts",
        "the last start with a card had driver 580.65.06, here is 550.54.14: what is seen counts",
    )
    assert chosen.reasons[:4] == chosen.differences


@pytest.mark.parametrize("driver", ["550", "550.54", "550.54.14"])
def test_a_shorter_driver_that_is_declared_right_is_no_difference(survey, driver):
    assert choose(survey, gpu="4090", driver=driver).differences == ()


@pytest.mark.parametrize(
    ("python", "settings", "reused"),
    [
        (ImagePython(CONDA, (3, 10, 14), "2.9.1+cu128", (12, 8)), {}, True),
        (ImagePython(CONDA, (3, 10, 14), "2.9.1+cu128", (12, 8)), {"version": "2.9"}, True),
        (ImagePython(CONDA, (3, 10, 14), "2.5.1", (12, 4)), {"cuda": "12.4"}, True),
        (ImagePython(CONDA, (3, 10, 14), "2.9.1+cu128", (12, 8)), {"reuse": False}, False),
        (ImagePython(CONDA, (3, 10, 14), "2.9.1+cu128", (12, 8)), {"version": "2.8.0"}, False),
        (ImagePython(CONDA, (3, 10, 14), "2.9.1+cu128", (12, 8)), {"cuda": "12.6"}, False),
        (ImagePython(CONDA, (3, 10, 14), "2.9.1+cu128", (12, 8)), {"python": "3.12"}, False),
        (ImagePython(CONDA, (3, 10, 14), "2.14.0+cu130", (13, 0)), {}, False),  # driver 550 does not run it
        (ImagePython(CONDA, (3, 10, 14), "2.9.1+cpu", None), {}, False),  # there is a card
        (ImagePython(CONDA, (3, 10, 14), "2.9.1+cpu", None), {"cuda": "cpu"}, True),
        (ImagePython(CONDA, (3, 10, 14), "2.9.0a0+50eac811a6.nv25.09", (13, 0)), {}, False),
        (ImagePython(CONDA, (3, 10, 14), "2.16.0.dev20261101+cu128", (12, 8)), {}, False),
        (ImagePython(CONDA, (3, 10, 14), None, None), {}, False),
    ],
)
def test_a_torch_of_the_image_is_left_alone_where_it_is_wanted_and_runs(survey, python, settings, reused):
    chosen = choose(replace(survey, pythons=(*survey.pythons, python)), **settings)
    assert (chosen.python == CONDA) == reused
    if reused:
        assert chosen.versions["torch"][0] == python.torch
        assert chosen.standing == f"the image's own torch {python.torch} is right and is left alone"


def test_in_no_card_mode_without_any_card_named_nothing_of_the_image_is_judged(no_card):
    python = ImagePython(CONDA, (3, 10, 14), "2.9.1+cu128", (12, 8))
    assert refused(replace(no_card, pythons=(python,))).operation == "gpu"


def test_into_the_image_means_condas_python_where_there_is_one(survey):
    conda = replace(survey, conda="/opt/conda", pythons=(*survey.pythons, ImagePython(CONDA, (3, 11, 9))))
    installation = choose(conda, into="image").installation
    assert (installation.python, installation.venv, installation.python_version) == (CONDA, None, "3.11")
    assert choose(survey, into="image").python == "/usr/bin/python3"


def test_an_image_without_python_has_none_to_install_into(survey):
    bare = replace(survey, pythons=(), python=None)
    assert str(refused(bare, into="image")) == (
        "python: this image has no Python to install into\n"
        "hint: leave out torch.into: uv brings a Python for an environment"
    )


@pytest.mark.parametrize(
    ("image", "settings", "base", "managed"),
    [
        ((3, 10, 12), {}, "/usr/bin/python3", False),
        ((3, 10, 12), {"python": "3.10"}, "/usr/bin/python3", False),
        ((3, 10, 12), {"python": "3.12"}, "3.12", True),
        ((3, 8, 10), {}, "3.12", True),  # no torch ≥ 2.9 has Python 3.8
        (None, {}, "3.12", True),
    ],
)
def test_the_environment_is_made_from_the_images_python_where_the_build_has_it(survey, image, settings, base, managed):
    pythons = (ImagePython("/usr/bin/python3", image),) if image else ()
    installation = choose(replace(survey, pythons=pythons), version=">=2.9", **settings).installation
    assert (installation.base, installation.managed) == (base, managed)


def test_a_python_that_is_asked_for_and_does_not_fit_is_refused(survey):
    failure = refused(survey, version="2.9.1", python="3.9")
    assert failure.operation == "python"
    assert failure.error.startswith("2.9.1+cu128 is built for Python 3.10, 3.11, 3.12")
    assert failure.hint == "`gpustrap torch explain trainer` says what runs here"


def test_a_default_build_may_come_from_the_python_index_too(survey):
    """2.9.1+cu128 of a wheel mirror and 2.9.1 of the Python index are the same build: both are right."""
    chosen = choose(survey, version="2.9.1", cuda="12.8")
    assert chosen.versions["torch"] == ("2.9.1+cu128", "2.9.1")
    assert chosen.installation.from_mirrors == (
        "torch==2.9.1+cu128",
        "torchvision==0.24.1+cu128",
        "torchaudio==2.9.1+cu128",
    )
    assert chosen.installation.requirements == ("torch==2.9.1", "torchvision==0.24.1", "torchaudio==2.9.1")
    assert chosen.installation.also_on_pypi
    assert chosen.guard.pins == ("torch==2.9.1", "torchvision==0.24.1", "torchaudio==2.9.1")


def test_what_is_fetched_is_of_the_index_only_where_no_wheel_mirror_is_asked(survey, settings):
    given = {"mirrors": settings("mirrors", pypi="https://my.lan/simple")}
    context = Decisions(survey, Context("trainer", "cn", ("mirrors", "torch"), given)).context
    for mirrors, kind in ((None, ""), ([], "pypi")):
        chosen = choose(survey, context, version="2.9.1", wheel_mirrors=mirrors)
        assert chosen.download == Download(chosen.build.download_bytes, kind, "https://my.lan/simple")


def test_another_build_comes_from_wheel_mirrors_only(survey):
    chosen = choose(survey, version="2.9.1", cuda="12.6", torchaudio=False)
    assert chosen.versions["torch"] == ("2.9.1+cu126",)
    assert (
        chosen.installation.requirements
        == chosen.installation.from_mirrors
        == ("torch==2.9.1+cu126", "torchvision==0.24.1+cu126")
    )
    assert not chosen.installation.also_on_pypi
    assert chosen.guard.pins == ("torch==2.9.1+cu126", "torchvision==0.24.1+cu126")


def test_every_wheel_mirror_of_the_region_is_tried_in_turn(survey):
    installation = choose(survey, Context("trainer", "cn", ("torch",)), version="2.9.1", cuda="12.6").installation
    assert [(source.kind, source.url) for source in installation.mirrors] == [
        ("index", "https://mirror.sjtu.edu.cn/pytorch-wheels/cu126"),
        ("index", "https://mirrors.nju.edu.cn/pytorch/whl/cu126"),
        ("find-links", "https://mirrors.aliyun.com/pytorch-wheels/cu126/"),
    ]
    assert installation.pypi is None, "without the role `mirrors` the client's own index is asked"


def test_the_python_index_is_the_one_that_the_role_mirrors_chose(survey, settings):
    given = {"mirrors": settings("mirrors", pypi="https://my.lan/simple")}
    context = Decisions(survey, Context("trainer", "cn", ("mirrors", "torch"), given)).context
    assert choose(survey, context, version="2.9.1", cuda="12.6").installation.pypi == "https://my.lan/simple"


def test_own_wheel_mirrors_are_asked_instead(survey):
    own = [
        {"kind": "find-links", "url": "http://wheels.internal/{tag}/"},
        {"kind": "index", "url": "http://w/whl"},
    ]
    installation = choose(survey, wheel_mirrors=own, version="2.9.1", cuda="12.6").installation
    assert [(source.kind, source.url) for source in installation.mirrors] == [
        ("find-links", "http://wheels.internal/cu126/"),
        ("index", "http://w/whl"),
    ]


def test_without_wheel_mirrors_only_the_python_index_is_asked(survey):
    installation = choose(survey, wheel_mirrors=[]).installation
    assert (installation.mirrors, installation.from_mirrors) == ((), ())
    assert installation.requirements[0] == "torch==2.10.0"


def test_the_code_that_the_visible_card_runs_is_to_be_in_the_build(survey):
    assert choose(survey, version="2.9.1").codes == ("sm_86",)


@pytest.mark.parametrize(
    ("roles", "tools", "error"),
    [
        (
            ("torch", "python", "base"),
            {},
            "this instance has no uv and no tmux, which installing torch needs",
        ),
        (("python", "torch"), {}, "this instance has no tmux, which installing torch needs"),
    ],
)
def test_uv_and_tmux_are_there_or_are_brought_before(survey, roles, tools, error):
    failure = refused(replace(survey, tools=tools), Context("trainer", "global", roles))
    assert (failure.error, failure.hint) == (error, "put the roles `base` and `python` before `torch`")


def test_the_uv_of_the_role_python_is_taken_before_the_images(survey):
    assert choose(survey, Context("t", "global", ("python", "torch"))).installation.uv == "/usr/local/bin/uv"
    assert choose(survey).installation.uv == "/usr/bin/uv"


def test_a_card_that_nobody_knows_is_named(survey):
    unknown = replace(survey, gpus=(VisibleCard("NVIDIA Mystery 1", None, 0),))
    assert str(refused(unknown)) == (
        "gpu: no card 'NVIDIA Mystery 1' in the catalog\nhint: `gpustrap gpus` lists the cards that are known"
    )


def test_the_image_python_has_to_take_what_is_installed_into_it(survey):
    """The image's constraints on its own Python are not overridden: it is said before anything changes."""
    own = ImageConstraint("PIP_CONSTRAINT", "/etc/pip/constraint.txt", ("torch==2.8.0",))
    failure = refused(replace(survey, constraints=(own,)), version="2.9.1", into="image")
    assert str(failure) == (
        "constraints: PIP_CONSTRAINT constrains torch==2.8.0 in /etc/pip/constraint.txt, and torch 2.9.1+cu128 is chosen\n"
        "hint: write as torch.version what the image wants, or leave out torch.into for an environment of its own"
    )


def test_in_an_environment_of_its_own_a_conflict_is_named_and_the_file_left_out(survey):
    own = ImageConstraint("PIP_CONSTRAINT", "/etc/pip/constraint.txt", ("torch==2.8.0",))
    chosen = choose(replace(survey, constraints=(own,)), version="2.9.1")
    assert (chosen.guard.kept, chosen.guard.dropped) == ((), ("/etc/pip/constraint.txt",))
    assert any(reason.startswith("PIP_CONSTRAINT constrains torch==2.8.0") for reason in chosen.reasons)


def test_what_the_image_wants_of_its_own_python_does_not_count_in_an_environment(survey):
    own = ImageConstraint("pip.conf", "/usr/pip.conf", ("torch==2.8.0",))
    python = replace(survey.pythons[0], constraints=(own,))
    chosen = choose(replace(survey, pythons=(python,)), version="2.9.1")
    assert (chosen.installation.base, chosen.guard.kept, chosen.guard.dropped) == (python.path, (), ())


def test_the_guard_of_the_images_python_stands_in_its_own_folder(survey):
    venv = ImagePython(
        "/venv/main/bin/python", (3, 12, 4), "2.9.1+cu128", (12, 8), "/venv/main", "/venv/main/lib/x", "venv"
    )
    every = ImageConstraint("PIP_CONSTRAINT", "/c.txt", ("numpy==1.26.4",))
    guard = choose(replace(survey, pythons=(*survey.pythons, venv), constraints=(every,))).guard
    assert "/venv/main/lib/x/gpustrap-torch.pth" in [file.dest for file in guard.files]
    assert (guard.prefix, guard.pip_conf, guard.activation) == (
        "/venv/main",
        "/venv/main/pip.conf",
        "/venv/main/bin/activate",
    )


def test_a_card_that_cannot_be_read_beside_others_is_said(survey):
    chosen = choose(replace(survey, card_trouble="nvidia-smi says: GPU is lost"))
    assert "the cards that could be read count, though nvidia-smi says: GPU is lost" in chosen.reasons


def test_no_reason_stands_twice_and_the_decision_holds_no_survey(survey):
    chosen = choose(survey)
    assert len(set(chosen.reasons)) == len(chosen.reasons)
    assert survey not in vars(chosen).values()


def test_what_is_missing_to_install_torch_is_torchs_failure(survey):
    failed = refused(replace(survey, tools={}))
    assert str(failed) == (
        "torch: this instance has no uv and no tmux, which installing torch needs\n"
        "hint: put the roles `base` and `python` before `torch`"
    )


@pytest.mark.parametrize(
    ("torch", "cuda", "said"),
    [
        ("2.9.0a0+50eac811a6.nv25.09", (13, 0), True), ("2.16.0.dev20261101+cu128", (12, 8), True),
        ("2.9.1+cu199", (19, 9), True), ("2.9.1+cu128", (12, 8), False), ("2.14.0+cu130", (13, 0), False), (None, None, False),
    ],
)  # fmt: skip
def test_a_torch_of_the_image_that_cannot_be_judged_is_said_where_another_is_installed(survey, torch, cuda, said):
    chosen = choose(replace(survey, pythons=(*survey.pythons, ImagePython(CONDA, (3, 10, 14), torch, cuda))))
    words = [reason for reason in chosen.reasons if "that is in no catalog" in reason]
    assert words == ([
        f"{CONDA} has torch {torch}, a preview, a vendor's own or another build that is in no catalog, so another is "
        "installed; to work with that one, leave the role torch out"
    ] if said else [])  # fmt: skip


def test_what_nvidia_smi_complained_of_is_said_beside_cards_alone(survey, settings):
    trouble = replace(survey, card_trouble="nvidia-smi ended with 14")
    said = "the cards that could be read count, though nvidia-smi ended with 14"
    assert said in choose(trouble).reasons
    assert said not in choose(replace(trouble, gpus=()), gpu="none").reasons
    assert not any("could be read" in reason for reason in choose(survey).reasons)


def test_the_image_python_that_gets_torch_keeps_the_constraints_of_its_own(survey):
    """Of its own pip.conf as of a variable; those of another Python of the image do not count there."""
    own = ImageConstraint("/opt/conda/pip.conf", "/own.txt", ("numpy==1.26.4",))
    conda = ImagePython(CONDA, (3, 10, 14), None, None, "/opt/conda", "/opt/conda/x", "conda", (own,))
    box = replace(survey, conda="/opt/conda", pythons=(*survey.pythons, conda))
    assert choose(box, into="image").guard.kept == ("/own.txt",)
    assert choose(box, python="3.10").guard.kept == ()


def test_an_image_torch_that_goes_against_a_constraint_is_left_alone(survey):
    """Nothing is installed, so nothing is refused; the file that would replace it does not count any more."""
    wrong = ImageConstraint("PIP_CONSTRAINT", "/c.txt", ("torch==2.8.0",))
    python = ImagePython(CONDA, (3, 10, 14), "2.9.1+cu128", (12, 8))
    chosen = choose(replace(survey, pythons=(*survey.pythons, python), constraints=(wrong,)))
    assert (chosen.python, chosen.guard.dropped) == (CONDA, ("/c.txt",))


def test_the_guard_of_an_image_python_that_tells_no_folder_is_beside_its_program(survey):
    python = ImagePython("/opt/x/bin/python", (3, 10, 14), "2.9.1+cu128", (12, 8))
    guard = choose(replace(survey, pythons=(python,))).guard
    assert (guard.prefix, guard.pip_conf) == ("/opt/x", "/opt/x/pip.conf")


def test_only_an_own_torch_of_the_image_counts_as_right_besides_the_chosen_build(survey):
    reused = ImagePython(CONDA, (3, 10, 14), "2.9.1+cu128.local", (12, 8))
    box = replace(survey, pythons=(*survey.pythons, reused))
    assert choose(box).versions["torch"][0] == "2.9.1+cu128.local"
    assert "2.9.1+cu128.local" not in choose(box, reuse=False).versions["torch"]
    assert "python" not in choose(box).packages and choose(box).packages.keys() < choose(box).versions.keys()
