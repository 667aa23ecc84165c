"""A git repository somewhere else: which commit a branch or tag of it means now, asked by this computer's git."""

from __future__ import annotations

import base64
import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from pydantic import SecretStr

from gpustrap.errors import InstanceFailed, nearest
from gpustrap.language import tr

SECONDS = 30
COMMIT = r"[0-9a-f]{40}"


@dataclass(frozen=True)
class Checkout:
    """One commit of a repository. `ref` is the name by which it is fetched, such as refs/heads/main; empty for none."""

    url: str
    commit: str
    ref: str = ""


@cache
def checkout_of(url: str, ref: str | None, key: str = "", token: SecretStr | None = None) -> Checkout:
    """What a branch, a tag or a commit means; None for the repository's own branch. Once a process.

    `key`: the file of a private key that ssh is to offer, besides the person's own; `token`: for https.

    Raises InstanceFailed with git's words, or the nearest name.
    """
    if ref and re.fullmatch(COMMIT, ref):
        return Checkout(url, ref)
    found = _refs(url, key, token)
    names = (f"refs/heads/{ref}", f"refs/tags/{ref}") if ref else ("HEAD",)
    for name in names:
        if name in found:
            return Checkout(url, found.get(f"{name}^{{}}", found[name]), name)
    known = [name.split("/", 2)[2] for name in found if re.match(r"refs/(heads|tags)/.*[^}]$", name)]
    near = nearest(ref, known) if ref else None
    raise InstanceFailed(
        tr("{url} has no branch or tag '{ref}'", url=url, ref=ref or "HEAD")
        + (tr("; nearest: '{nearest}'", nearest=near) if near else ""),
        operation="checkout",
        hint=tr("a commit is written with all its 40 digits"),
    )


def site_of(url: str) -> str:
    """Whom a token is for: `https://HOST/` of a URL. A mirror in its place never gets it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def header(token: SecretStr) -> str:
    """As GitHub, GitLab and Gitee read a token; the name of the user does not matter to them."""
    return f"Authorization: Basic {base64.b64encode(f'oauth2:{token.get_secret_value()}'.encode()).decode()}"


def _refs(url: str, key: str, token: SecretStr | None) -> dict[str, str]:
    """Every name that the repository tells → its commit; `NAME^{}` is what a tag leads to."""
    ssh = "ssh -o BatchMode=yes" + (f" -i {shlex.quote(key)}" if key else "")
    environment = {"GIT_SSH_COMMAND": ssh, **os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    if token is not None:  # never in argv
        at = int(environment.get("GIT_CONFIG_COUNT") or 0)
        told = {f"GIT_CONFIG_KEY_{at}": f"http.{site_of(url)}.extraHeader", f"GIT_CONFIG_VALUE_{at}": header(token)}
        environment |= {**told, "GIT_CONFIG_COUNT": str(at + 1)}
    try:
        done = subprocess.run(
            ["git", "ls-remote", "--", url],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _unasked(url, tr("no answer within {seconds:g} s", seconds=SECONDS)) from None
    except OSError:
        raise _unasked(url, tr("there is no git here")) from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [tr("it says no reason")]
        raise _unasked(url, next((line for line in said if "fatal: " in line), said[-1]).removeprefix("fatal: "))
    lines = (line.split("\t", 1) for line in done.stdout.decode("utf-8", "replace").splitlines())
    return {line[1]: line[0] for line in lines if len(line) == 2 and re.fullmatch(COMMIT, line[0])}


def _unasked(url: str, why: str) -> InstanceFailed:
    return InstanceFailed(
        tr("git on this computer cannot ask {url}: {why}", url=url, why=why),
        operation="checkout",
        hint=tr("`git ls-remote {url}` shows it; a commit as project.ref needs no asking", url=url),
    )
