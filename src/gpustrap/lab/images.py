"""The images that lab targets are made from: one a release, built here and imported, or from a registry's."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from gpustrap.errors import BadInput, Fault, InstanceFailed, nearest
from gpustrap.lab.bootstrap import Root, build, builder, can_build, how_to_build
from gpustrap.lab.engine import Engine, EngineFailed
from gpustrap.lab.flavour import RELEASES, SUITES
from gpustrap.lab.owner import owner_mark
from gpustrap.lab.state import Say, home, locked, silent
from gpustrap.language import tr

PACKAGES = ("ca-certificates", "openssh-server", "python3", "iproute2", "tmux", "curl", "procps", "git")
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
BUILD_TIMEOUT_S = 1800
REGISTRY = "docker.io/library"
PULL_TIMEOUT_S = 60  # where packets to a registry are dropped, the pull would wait for minutes

# Runs inside the new root. Host keys are a container's own. Providers' Debian 12 images have a deb822
# source file, their Debian 11 images a sources.list: the lab has the same two forms. Of the files
# in apt.conf.d that Docker's images of Debian and Ubuntu have (debuerreotype), it has the two on what apt fetches.
FINISH = """\
set -e
rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
if [ "$1" = bookworm ] && [ -f /etc/apt/sources.list ]; then
    url=$(sed -n 's/^deb \\([^ ]*\\) .*/\\1/p' /etc/apt/sources.list)
    printf '%s\\n' 'Types: deb' "URIs: $url" "Suites: $1" 'Components: main' \\
        'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg' >/etc/apt/sources.list.d/debian.sources
    rm /etc/apt/sources.list
fi
echo 'Acquire::Languages "none";' >/etc/apt/apt.conf.d/docker-no-languages
echo 'Acquire::GzipIndexes "true"; Acquire::CompressionTypes::Order:: "gz";' >/etc/apt/apt.conf.d/docker-gzip-indexes
apt-get clean
rm -rf /var/lib/apt/lists/*
"""
INSTALL = """\
set -e
export DEBIAN_FRONTEND=noninteractive
suite=$1
shift
apt-get -q update
apt-get -q install -y --no-install-recommends "$@"
set -- "$suite"
"""


class Made(Protocol):
    """An image as it is to be: another `digest` under its tag counts as not built."""

    @property
    def tag(self) -> str: ...
    @property
    def digest(self) -> str: ...


@dataclass(frozen=True)
class Recipe:
    """What an image is made of. Another recipe has another `digest`, so its image is built again."""

    release: str
    packages: tuple[str, ...] = PACKAGES
    finish: str = FINISH
    repository: str = "localhost/gpustrap-lab"

    @property
    def suite(self) -> str:
        return SUITES[self.release]

    @property
    def tag(self) -> str:
        return f"{self.repository}:{self.release}"

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


def labels(made: Made) -> tuple[str, ...]:
    """The options that label an import or a commit."""
    return ("--change", "LABEL gpustrap.lab=image", "--change", f"LABEL gpustrap.recipe={made.digest}")


def ensure_image(engine: Engine, release: str, say: Say = silent) -> str:
    """The tag of the release's image, which is built first where there is none of today's recipe.

    Built from the mirror that this machine's apt uses. A registry is asked where GPUSTRAP_LAB_REGISTRY names
    one or nothing here can build, because behind many networks a pull ends in a timeout; when it does not
    answer within a minute, building is next. Processes wait for each other.
    Raises BadInput for an unknown release, InstanceFailed when the image cannot be built.
    """
    check_release(release)
    return ensure(engine, Recipe(release), say)


def check_release(release: str) -> None:
    """Raise BadInput unless the lab has this release."""
    if release not in SUITES:
        message = tr(
            "no lab release '{release}', expected {releases}", release=release, releases=tr(" or ").join(RELEASES)
        )
        raise BadInput(Fault(message, nearest=nearest(release, RELEASES)))


def ensure(engine: Engine, recipe: Recipe, say: Say = silent) -> str:
    """The same for any recipe."""
    if is_built(engine, recipe):
        return recipe.tag
    with locked(f"image-{recipe.release}", say):
        remove_leftovers(recipe)
        if not is_built(engine, recipe):  # by the process that held the lock
            if not pull(engine, recipe, say):
                bootstrap(engine, recipe, say)
            engine.run("image", "prune", "-f", "--filter", "label=gpustrap.lab=image")
    return recipe.tag


def is_built(engine: Engine, made: Made) -> bool:
    found = engine.inspect("image", made.tag)
    return bool(found) and (found[0]["Config"].get("Labels") or {}).get("gpustrap.recipe") == made.digest


def remove_leftovers(recipe: Recipe) -> None:
    """Remove what a killed build of this release left: under its lock there is no other."""
    for root in home().glob(f"build-{recipe.release}-*"):
        shutil.rmtree(root)


def pull(engine: Engine, recipe: Recipe, say: Say) -> bool:
    """Make the image from a registry's Debian. False where none is to be asked or it does not answer in time."""
    registry = os.environ.get("GPUSTRAP_LAB_REGISTRY") or ("" if can_build() else REGISTRY)
    if not registry:
        return False
    source = f"{registry}/debian:{recipe.suite}-slim"
    say(f"pulling {source}")
    try:
        engine.run("pull", "-q", source, timeout_s=PULL_TIMEOUT_S)
    except EngineFailed as failed:
        if not can_build():
            raise InstanceFailed(failed.error, hint=how_to_build()) from None
        say(tr("{failed}; building the image here instead", failed=failed))
        return False
    install_into(engine, recipe, source, say)
    return True


def install_into(engine: Engine, recipe: Recipe, source: str, say: Say) -> None:
    say(f"installing {' '.join(recipe.packages)}")
    script = INSTALL + recipe.finish
    run_and_commit(engine, recipe, source, ("sh", "-c", script, "sh", recipe.suite, *recipe.packages))


def run_and_commit(engine: Engine, made: Made, source: str, inside: Sequence[str]) -> None:
    """Run the command in a container of `source` and keep what it leaves as the image `made`."""
    name = f"gpustrap-lab-build-{made.tag.partition(':')[2]}-{os.getpid()}"
    try:
        marked = ("--name", name, "--label", f"gpustrap.owner={owner_mark()}")
        engine.run("run", *marked, *lent_ca_bundle(), source, *inside, timeout_s=BUILD_TIMEOUT_S)
        # the builder's mark must not go on to the image: its boxes would be removed once this process ends
        engine.run("commit", *labels(made), "--change", "LABEL gpustrap.owner=", name, made.tag)
    finally:
        engine.run("rm", "-f", "-v", name)


def lent_ca_bundle() -> tuple[str, ...]:
    """Options that let the build trust what this machine trusts; the image keeps its own bundle."""
    bundle = ca_bundle()
    return ("--volume", f"{bundle.resolve()}:{CA_BUNDLE}:ro") if bundle else ()


def ca_bundle() -> Path | None:
    """What this machine's clients trust, where SSL_CERT_FILE says so: behind a proxy that opens https it is more."""
    bundle = os.environ.get("SSL_CERT_FILE")
    return Path(bundle) if bundle and Path(bundle).is_file() else None


def bootstrap(engine: Engine, recipe: Recipe, say: Say) -> None:
    """Build the root here and import it. Imported last, so a killed build leaves none."""
    with tempfile.TemporaryDirectory(prefix=f"build-{recipe.release}-", dir=home()) as folder:
        say(tr("building {release} with {builder}, once, about a minute", release=recipe.release, builder=builder()))
        archive = build(Root(recipe.suite, recipe.packages, recipe.finish), Path(folder))
        say(f"importing {recipe.tag}")
        engine.run("import", *labels(recipe), str(archive), recipe.tag, timeout_s=900)
