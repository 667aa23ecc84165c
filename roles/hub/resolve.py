"""Where Hugging Face's client and its cache stand, whom it asks, and what it has to fetch. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import SecretStr

from gpustrap.inventory.reveal import revealed
from gpustrap.language import tr
from gpustrap.resolve.box.configuration import readonly, some_of, who_sets
from gpustrap.resolve.box.shells import Shells, shells_of
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from gpustrap.resolve.environment import Environment
from gpustrap.resolve.hub import Client, Store, Wanted
from gpustrap.resolve.torch.last_seen import root_of
from gpustrap.resolve.uv import uv_of
from gpustrap.resolve.versions import dotted

if TYPE_CHECKING:
    from roles.hub.settings import Prefetch, Settings

# The client whose http_get and cache layout the programs in engine/hub were written for.
REQUIREMENT = "huggingface_hub==2.4.0"
OLDEST_PYTHON = (3, 10)  # of that release
NEWEST_PYTHON = "3.12"  # that uv brings where the image has none


@dataclass(frozen=True)
class Hub:
    """The decision. `folder` holds the list that the client's environment is made from.

    `token` goes to `token_file`; `variables` are those that every shell gets; `jobs` is the folder of long steps.
    """

    environment: Environment
    client: Client
    wanted: tuple[Wanted, ...]
    token: SecretStr | None
    token_file: str
    shells: Shells
    folder: str
    jobs: str
    variables: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    requirement: str = REQUIREMENT

    @property
    def clients(self) -> tuple[Client, ...]:
        """The one that fetches, where there is something to fetch."""
        return (self.client,) if self.wanted else ()


def choose(settings: Settings, survey: Survey, context: Context) -> Hub:
    """The decision for an instance. Raises InstanceFailed where it lacks what makes an environment."""
    root, mirrors = root_of(survey), context.decided("mirrors")
    home, why = _cache(settings, survey, root)
    token = revealed(settings.token) if settings.token else None
    token_file = f"{survey.home}/.cache/huggingface/token"
    sends, token_reason = _sends(token, mirrors)
    variables = {"HF_HOME": home, "HF_HUB_CACHE": f"{home}/hub", "HF_TOKEN_PATH": token_file}
    store = Store(f"{home}/hub", f"{home}/gpustrap", token_file if sends else "", settings.workers)
    user = "" if survey.user == "root" else survey.user
    environment = _environment(survey, context, root, mirrors)
    return Hub(
        environment,
        Client(environment.python, store, _told(variables, mirrors), user),
        tuple(dict.fromkeys(map(_wanted, settings.prefetch))),
        token,
        token_file,
        shells_of(survey),
        environment.project,
        f"{root}/jobs",
        variables,
        (
            why,
            *_python_reason(survey),
            *token_reason,
            *_others(survey, token),
            *readonly(variables, survey.configuration),
        ),
    )


def _cache(settings: Settings, survey: Survey, root: str) -> tuple[str, str]:
    if settings.cache != "auto":
        return settings.cache, tr("Hugging Face's cache is {home}: hosts.yml says so", home=settings.cache)
    if root.startswith(f"{survey.home}/"):
        home = f"{survey.home}/.cache/huggingface"
        return home, tr("Hugging Face's cache is {home}, the client's own: no other disk survives a stop", home=home)
    home = f"{root}/huggingface"
    return home, tr("Hugging Face's cache is {home}, on the disk that survives a stop", home=home)


def _sends(token: SecretStr | None, mirrors: object) -> tuple[bool, tuple[str, ...]]:
    """Whether the token is sent, and why: to a mirror only where the role mirrors lets the client do so."""
    if token is None:
        return False, ()
    variables = getattr(mirrors, "variables", {})
    if getattr(mirrors, "hf", None) is None or variables.get("HF_HUB_DISABLE_IMPLICIT_TOKEN") == "0":
        return True, ()
    return False, (
        tr("the token is not sent to the mirror, a third party: gated models need mirrors.hf_token_to_mirror: true"),
    )


def _told(variables: Mapping[str, str], mirrors: object) -> tuple[str, ...]:
    """What the client is told where we run it: the choice of the role mirrors too."""
    theirs = {name: value for name, value in getattr(mirrors, "variables", {}).items() if name.startswith("HF_")}
    return tuple(f"{name}={value}" for name, value in {**theirs, **variables}.items())


def _wanted(one: Prefetch) -> Wanted:
    kind = "model" if one.model else "dataset"
    return Wanted(kind, one.model or one.dataset or "", one.revision, one.allow, one.ignore)


def _environment(survey: Survey, context: Context, root: str, mirrors: object) -> Environment:
    pythons = _pythons(survey)
    return Environment(
        uv=uv_of(survey, context, "hub"),
        project=f"{root}/hub",
        file="requirements.txt",
        python=f"{root}/venvs/hub/bin/python",
        venv=f"{root}/venvs/hub",
        version=dotted(pythons[0]) if pythons else NEWEST_PYTHON,
        cache=f"{root}/uv-cache",
        pypi=getattr(mirrors, "pypi", None) or "",
        pythons=getattr(mirrors, "python_build", None) or "",
    )


def _pythons(survey: Survey) -> list[tuple[int, ...]]:
    """Those of the image that the client runs on."""
    return [python.version[:2] for python in survey.pythons if python.version >= OLDEST_PYTHON]


def _python_reason(survey: Survey) -> tuple[str, ...]:
    oldest, newest = dotted(OLDEST_PYTHON), NEWEST_PYTHON
    brought = tr(
        "the image has no Python {oldest} or newer for the client: uv brings {newest}", oldest=oldest, newest=newest
    )
    return () if _pythons(survey) else (brought,)


def _others(survey: Survey, token: SecretStr | None) -> tuple[str, ...]:
    """Who else says where the cache is, or gives a token, which counts before the file."""
    places = who_sets(("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"), survey.configuration)
    tokens = who_sets(("HF_TOKEN",), survey.configuration) if token else []
    return (
        *((tr("it counts before {others}", others=some_of(places)),) if places else ()),
        *(tr("{token} counts before hub.token: take it away there", token=each) for each in tokens),
    )
