"""What a person asks of torch and CUDA, as he writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from gpustrap.catalog.torch import Build, Catalog
from gpustrap.errors import BadInput, Fault
from gpustrap.language import tr
from gpustrap.resolve.versions import Version, closest, dotted, parse

ANY = SpecifierSet()


@dataclass(frozen=True)
class Want:
    """The wish. `torch` and `cuda` are ranges, `cuda` over major.minor; `…_text` is what was written.

    `cpu` asks for a build without CUDA.
    """

    torch: SpecifierSet = ANY
    cuda: SpecifierSet = ANY
    torch_text: str | None = None
    cuda_text: str | None = None
    cpu: bool = False

    def takes(self, build: Build) -> bool:
        """Whether the wish alone, without the machine, leaves this build."""
        return self.takes_torch(build) and self.takes_cuda(build)

    def takes_torch(self, build: Build) -> bool:
        return self.torch.contains(build.version)

    def takes_cuda(self, build: Build) -> bool:
        """A wish for CPU takes the default build too: it runs without a card."""
        if self.cpu:
            return build.cuda is None or build.default
        return self.cuda_text is None or (build.cuda is not None and self.cuda.contains(dotted(build.cuda)))

    @property
    def exact_torch(self) -> Version | None:
        """`(2, 9, 1)` where one release is asked for."""
        return parse(self.torch_text) if self.torch_text and self.torch_text.count(".") == 2 else None


def read_want(torch: str | None, cuda: str | None, catalog: Catalog) -> Want:
    """Read `2.9.1`, `2.9`, `>=2.8,<2.10`, `2.9.1+cu128` and `12.8`, `12.8.93`, `cu128`, `>=12.6`, `cpu`.

    Raises BadInput, with the nearest valid value, for what is no version and for a CUDA that does not exist.
    """
    release, local = _split_local(torch, cuda)
    cuda = local or cuda
    if cuda and cuda.strip().lower() == "cpu":
        return Want(_torch_range(release, catalog), torch_text=release, cpu=True)
    tidy = _undo_tag(cuda.strip()) if cuda else None
    return Want(_torch_range(release, catalog), _cuda_range(tidy, catalog), release, tidy)


def _split_local(torch: str | None, cuda: str | None) -> tuple[str | None, str | None]:
    """`torch==2.9.1+cu128` → (`2.9.1`, `cu128`)."""
    if torch is None:
        return None, None
    text = re.sub(r"^torch\s*(==\s*(?=[\d.]+(\+\w+)?$))?", "", torch.strip())
    release, _, local = text.partition("+")
    if local and cuda:
        message = tr(
            "'{torch}' already names a CUDA, so '{cuda}' cannot be asked for beside it", torch=torch, cuda=cuda
        )
        raise BadInput(Fault(message, key="cuda", nearest=local))
    return release or None, local or None


def _undo_tag(text: str) -> str:
    """`cu128` → `12.8`"""
    tag = re.fullmatch(r"cu(\d+)(\d)", text.lower())
    return f"{tag[1]}.{tag[2]}" if tag else text


def _torch_range(text: str | None, catalog: Catalog) -> SpecifierSet:
    if text is None:
        return ANY
    try:
        return _range(text, 3)
    except InvalidSpecifier as error:
        message = tr("'{text}' is no torch version, expected one such as 2.9.1, 2.9 or '>=2.8,<2.10'", text=text)
        raise BadInput(Fault(message, key="torch", nearest=closest(text, catalog.releases()))) from error


def _cuda_range(text: str | None, catalog: Catalog) -> SpecifierSet:
    if text is None:
        return ANY
    given = parse(text)
    try:
        wanted = _range(dotted(given[:2]) if given else text, 2)
    except InvalidSpecifier:
        given = ()
    if given is not None and not _exists(given, catalog):
        raise BadInput(
            Fault(
                tr("no PyTorch build for CUDA '{text}'", text=text), key="cuda", nearest=closest(text, catalog.cudas())
            )
        )
    return wanted


def _exists(cuda: Version, catalog: Catalog) -> bool:
    known = {toolkit.toolkit[:2] for toolkit in catalog.toolkits} | set(catalog.cudas())
    return any(version[: len(cuda[:2])] == cuda[:2] for version in known) if cuda else False


def _range(text: str, full: int) -> SpecifierSet:
    """`2.9.1` → `==2.9.1`, the shorter `2.9` → `==2.9.*`; a specifier stays. Raises InvalidSpecifier."""
    given = parse(text)
    if given is None:
        return SpecifierSet(text)
    return SpecifierSet(f"=={dotted(given)}" + (".*" if len(given) < full else ""))
