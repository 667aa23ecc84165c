from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.catalog.uv import load_uv_wheels
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.box.configuration import Configuration, SetVariable
from gpustrap.resolve.context import Context
from gpustrap.run.decisions import Decisions
from roles.python import resolve

PIP, NONE = "the instance has pip, which knows its mirror", "uv comes from the laptop, since the instance has no pip"


@pytest.mark.parametrize(
    ("source", "tools", "from_laptop", "reason"),
    [
        ("auto", ["pip"], False, PIP),
        ("auto", ["pip3"], False, PIP),
        ("auto", ["python3"], True, NONE),
        ("auto", [], True, NONE),
        ("laptop", ["pip"], True, "hosts.yml says so"),
        ("instance", [], False, "hosts.yml says so"),
    ],
)
def test_who_downloads_uv(settings, survey, context, source, tools, from_laptop, reason) -> None:
    box = replace(survey, tools=dict.fromkeys(tools, "/x"))
    chosen = resolve.choose(settings("python", source=source), box, context)
    assert (chosen.from_laptop, chosen.reasons) == (from_laptop, (reason,))
    assert chosen.fallback == (source == "auto" and not from_laptop)


def test_a_pip_whose_python_hangs_is_not_waited_for(settings, survey, context) -> None:
    chosen = resolve.choose(settings("python"), replace(survey, tools={"pip": "/x"}, hangs=("python3",)), context)
    assert chosen.from_laptop
    assert chosen.reasons == ("python3 on the instance gives no answer within 10 s, so its pip would not either",)


@pytest.mark.parametrize("arch", load_uv_wheels())
def test_the_wheel_is_of_the_instances_architecture(settings, survey, context, arch) -> None:
    assert resolve.choose(settings("python"), replace(survey, arch=arch), context).wheel.arch == arch


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"arch": "ppc64le"},
            "uv: uv has no pinned wheel for ppc64le\nhint: there is one for x86_64, aarch64",
        ),
        (
            {"os_version": "7", "glibc": (2, 12)},
            "uv: uv needs glibc 2.17 or newer, and this debian 7 has glibc 2.12\n"
            "hint: choose a newer Debian or Ubuntu image",
        ),
        (
            {"os_id": "alpine", "os_version": "3.21.0", "glibc": None},
            "uv: uv needs glibc 2.17 or newer, and this alpine 3.21.0 has no glibc\n"
            "hint: choose a newer Debian or Ubuntu image",
        ),
    ],
)
def test_where_uv_cannot_run_it_is_refused(settings, survey, context, change, text) -> None:
    with pytest.raises(InstanceFailed) as refused:
        resolve.choose(settings("python"), replace(survey, **change), context)
    assert str(refused.value) == text


def test_glibc_2_17_is_enough(settings, survey, context) -> None:
    assert resolve.choose(settings("python"), replace(survey, glibc=(2, 17)), context).wheel.arch == "x86_64"


@pytest.mark.parametrize(
    ("found", "reasons"),
    [
        ({}, ()),
        ({"variables": (SetVariable("PATH", "/root/.bashrc", 1),)},
         ("/usr/local/bin is added to PATH in every shell, because of PATH in /root/.bashrc:1",)),
        ({"ours": frozenset({"PATH"})}, ("/usr/local/bin is added to PATH in every shell, as it had to be before",)),
        ({"variables": (SetVariable("PATH", "/etc/profile.d/a.sh", 2),),
          "fixed": (SetVariable("PATH", "/etc/profile.d/a.sh", 2),)},
         ("/usr/local/bin is added to PATH in every shell, because of PATH in /etc/profile.d/a.sh:2",
          "PATH is readonly in /etc/profile.d/a.sh:2, so nothing after it can set it: take that away there")),
    ],
)  # fmt: skip
def test_uvs_folder_comes_to_a_path_that_others_set_without_it(settings, survey, context, found, reasons) -> None:
    chosen = resolve.choose(settings("python"), replace(survey, configuration=Configuration(**found)), context)
    assert chosen.reasons[1:] == reasons
    assert [folder for folder, _ in chosen.path] == (["/usr/local/bin"] if reasons else [])


def test_no_index_is_asked_for_what_the_laptop_sends(settings, survey) -> None:
    given = {"mirrors": settings("mirrors", pypi="https://my.lan/simple")}
    for source, index in (("laptop", None), ("instance", "https://my.lan/simple")):
        context = Decisions(survey, Context("t", "cn", ("mirrors", "python"), given)).context
        assert resolve.choose(settings("python", source=source), survey, context).index == index
