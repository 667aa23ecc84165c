"""The image's own Pythons: which one torch goes into, and whether one has a right torch already. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gpustrap.catalog.torch import Build, Catalog
from gpustrap.errors import InstanceFailed
from gpustrap.language import tr
from gpustrap.resolve.box.survey import ImagePython, Survey
from gpustrap.resolve.torch.machine import Supply
from gpustrap.resolve.torch.request import Want
from gpustrap.resolve.torch.rules import refusals
from gpustrap.resolve.torch.site import Site
from gpustrap.resolve.versions import parse, read_python


def python_for_venv(version: str | None, survey: Survey, catalog: Catalog) -> ImagePython | None:
    """The image's Python that the environment is made from, the first of the wanted version; None: uv brings one."""
    return next(iter(_allowed(version, survey, catalog)), None)


def python_to_install_into(survey: Survey) -> ImagePython:
    """The image's own Python: conda's where there is one. Raises InstanceFailed on an image without any."""
    if not survey.pythons:
        hint = tr("leave out torch.into: uv brings a Python for an environment")
        raise InstanceFailed(tr("this image has no Python to install into"), operation="python", hint=hint)
    conda = (one for one in survey.pythons if survey.conda and one.path.startswith(f"{survey.conda}/"))
    return next(conda, survey.pythons[0])


def with_right_torch(want: Want, site: Site, version: str | None, survey: Survey) -> tuple[ImagePython, Build] | None:
    """The first of the image's Pythons that has a torch which is wanted and runs here, and its build.

    With a `version`, such as "3.12", only a Python of that version counts.
    """
    if not site.machine.cards and not site.machine.cpu_only:
        return None
    for python in _allowed(version, survey, site.catalog):
        build = _build_of(python, site)
        here = replace(site.machine, python=python.version[:2])
        # Where wheels can be had says nothing of one that is there: "index" does not count.
        there = replace(site, machine=here, supply=Supply())
        if build and want.takes(build) and refusals(build, there).keys() <= {"index"}:
            return python, build
    return None


def unknown_torches(site: Site, survey: Survey) -> tuple[str, ...]:
    """A sentence on each torch of the image that is in no catalog, as previews and vendors' own builds are."""
    return tuple(
        tr(
            "{one.path} has torch {one.torch}, a preview, a vendor's own or another build that is in "
            "no catalog, so another is installed; to work with that one, leave the role torch out",
            one=one,
        )
        for one in survey.pythons
        if one.torch and _build_of(one, site) is None
    )


def _allowed(version: str | None, survey: Survey, catalog: Catalog) -> Iterable[ImagePython]:
    """The image's Pythons of that version; all of them where none is asked for."""
    wanted = read_python(version, catalog) if version else None
    return [python for python in survey.pythons if wanted in (None, python.version[:2])]


def _build_of(python: ImagePython, site: Site) -> Build | None:
    """The catalog's build of the torch that a Python has: a preview or a vendor's own is in no catalog."""
    release = parse((python.torch or "").partition("+")[0])
    same = (row for row in site.catalog.builds if row.torch == release and row.cuda == python.cuda)
    return next((row for row in same if row.arch == site.machine.arch), None)
