"""The guard of one environment: which files, and what becomes of the constraints that the image has."""

from __future__ import annotations

import pytest

from gpustrap.resolve.box.survey import ImageConstraint
from gpustrap.resolve.torch.guard import Environment, conflicts_of, guard_of

VERSIONS = {"torch": ("2.9.1+cu128", "2.9.1"), "torchvision": ("0.24.1",)}
VENV = Environment("/data/v", "venv", "/data/v/lib/python3.12/site-packages")
NGC = ImageConstraint("PIP_CONSTRAINT", "/etc/pip/constraint.txt", ("torch==2.9.0a0+50eac811a6.nv25.09",))


@pytest.mark.parametrize(
    ("pin", "conflicts"),
    [
        ("torch==2.9.1", False),
        ("torch==2.9.1+cu128", False),
        ("torch>=2.8", False),
        ("Torch==2.8.0", True),
        ("torch==2.9.0a0+50eac811a6.nv25.09", True),
        ("torch==2.8.0; python_version < '3'", False),
        ("torchvision<0.20", True),
        ("torch-geometric==1", False),
        ("numpy==1", False),
        ("torch @ file:///opt/torch.whl", False),
        ("torch =!= 2", False),
    ],
)
def test_a_constraint_conflicts_where_it_takes_none_of_the_right_versions(pin, conflicts):
    assert bool(conflicts_of(VERSIONS, [ImageConstraint("UV_CONSTRAINT", "/c.txt", (pin,))])) == conflicts


def test_a_conflict_names_file_line_and_what_is_chosen():
    (conflict,) = conflicts_of(VERSIONS, [NGC])
    assert str(conflict) == (
        "PIP_CONSTRAINT constrains torch==2.9.0a0+50eac811a6.nv25.09 in /etc/pip/constraint.txt, "
        "and torch 2.9.1+cu128 is chosen"
    )


def test_what_does_not_conflict_is_kept_and_what_does_is_left_out_and_both_are_said():
    other = ImageConstraint("/etc/pip.conf", "/etc/c.txt", ())
    guard = guard_of(VENV, "/data/c.txt", ["torch==2.9.1"], [NGC, other], conflicts_of(VERSIONS, [NGC]))
    assert (guard.kept, guard.dropped) == (("/etc/c.txt",), ("/etc/pip/constraint.txt",))
    assert guard.reasons[0].endswith("is chosen: that file does not count in /data/v")
    assert guard.reasons[1] == "the constraints of /etc/c.txt hold in /data/v too"


@pytest.mark.parametrize(
    ("kind", "activation", "files"),
    [
        ("venv", "/p/bin/activate", ["/data/c.txt", "/p/bin/activate", "/p/bin/activate.fish"]),
        (
            "conda",
            "/p/etc/conda/activate.d/gpustrap-torch.sh",
            ["/data/c.txt", "/p/etc/conda/activate.d/gpustrap-torch.sh", "/p/etc/conda/deactivate.d/gpustrap-torch.sh"],
        ),
        ("system", None, ["/data/c.txt"]),
    ],
)
def test_each_kind_of_environment_has_its_own_files_and_pip_conf(kind, activation, files):
    guard = guard_of(Environment("/p", kind, "/p/lib"), "/data/c.txt", [], [], [])
    assert [file.dest for file in guard.files] == files
    assert (guard.pip_conf, guard.activation) == ("/p/pip.conf", activation)


def test_a_variable_of_the_image_which_goes_before_pip_conf_gets_a_file_more():
    assert "/data/v/lib/python3.12/site-packages/gpustrap-torch.pth" in [
        file.dest for file in guard_of(VENV, "/data/c.txt", [], [NGC], []).files
    ]
