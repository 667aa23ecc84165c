"""What cannot be the command that a person means, though it reads like one: each in a sentence that is true of it."""

from __future__ import annotations

import re

from gpustrap.errors import BadInput, Fault
from gpustrap.inventory.paste_programs import no_login
from gpustrap.language import mark, tr

FORM = mark("the form is ssh -p PORT USER@HOST")
_CUT = re.compile(r"@[\w.-]*(?:\.{3}|…)")
_VALUE = r"(?:public|ip|port|host|user|key|name|address|instance)"
_STANDS_FOR = re.compile(
    rf"<[\w .-]*{_VALUE}[\w .-]*>|\{{[\w .-]*{_VALUE}[\w .-]*\}}|(?-i:\bYOUR_[A-Z_]+\b)"
    rf"|\byour[_-](?:instance[_-])?{_VALUE}\b|\$\{{?\w*{_VALUE}\w*\}}?",
    re.I,
)
_WINDOWS = re.compile(
    r"-i\s*[\"']?((?:[A-Za-z]:[\\/]|%\w+%|\$env:\w+|~\\|\.{0,2}\\)[^\"']*?)(?=[\"']|\s+-|\s+\S+@|\s*$)", re.I
)
_PASSWORD_BEFORE = re.compile(r"(?<![\w:/.-])[\w.-]+/[^\s/@]+@[\w.-]+(?::\d+)?(?![\w/])")
_WEB = re.compile(r"https?://\S+\s*", re.I)
_OTHER_WAY = re.compile(r"(?:.*[$#>]\s+)?(gcloud|kubectl|docker|podman|aws|az)\s+\S", re.I)


def refusal(line: str) -> BadInput | None:
    """Why the line is refused before it is read; None for one that may be read."""
    return next((bad for told in (_cut, _placeholder, _windows_key, _password, _no_login) if (bad := told(line))), None)


def web_address(text: str) -> BadInput | None:
    """For a text in which nothing else was found."""
    if not _WEB.fullmatch(text.strip()):
        return None
    return _bad(tr("that is the address of a web page, not a way to log in"), tr(FORM))


def _cut(line: str) -> BadInput | None:
    if not _CUT.search(line):
        return None
    return _bad(tr("the page shows the address cut short, as … says"), tr("use the page's copy button"))


def _placeholder(line: str) -> BadInput | None:
    if not (found := _STANDS_FOR.search(line)):
        return None
    hint = tr("the instance's own page shows the command with its values, once it runs")
    return _bad(tr("{word} stands for a value of your instance", word=found[0]), hint)


def _windows_key(line: str) -> BadInput | None:
    if not (found := _WINDOWS.search(line)):
        return None
    name = re.split(r"[\\/]", found[1].strip())[-1] or "id_ed25519"
    hint = tr("copy the file to ~/.ssh/{name} in WSL, `chmod 600` it, and write -i ~/.ssh/{name}", name=name)
    return _bad(tr("the key {path} is a file of Windows, and this is not Windows", path=found[1].strip()), hint)


def _password(line: str) -> BadInput | None:
    if not _PASSWORD_BEFORE.search(line):
        return None
    hint = tr("paste ssh -p PORT USER@HOST and the password in a line below it")
    return _bad(tr("what stands between / and @ may be a password, and is no part of an ssh command"), hint)


def _no_login(line: str) -> BadInput | None:
    if program := no_login(line):
        return _bad(tr("{program} logs in nowhere", program=program), tr(FORM))
    if other := _OTHER_WAY.match(line):
        return _bad(tr("{program} has a way of its own to get in: gpustrap needs ssh", program=other[1]), tr(FORM))
    return None


def _bad(message: str, hint: str) -> BadInput:
    return BadInput(Fault(message, hint=hint))
