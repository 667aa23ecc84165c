"""What a person copied from a provider's page, read as the ssh command that is in it.

`parse_ssh` reads a command as OpenSSH does. A page, a chat or a word processor adds to it: words around it, a
password below it, other dashes, quotes and spaces. What is unambiguous is put right; what is left out is said.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import SecretStr

from gpustrap.errors import BadInput, Fault
from gpustrap.inventory.masking import remember
from gpustrap.inventory.paste_config import blocks_as_ssh
from gpustrap.inventory.paste_fields import BUTTONS, is_password_line, labelled_words, password_in
from gpustrap.inventory.paste_programs import as_ssh
from gpustrap.inventory.paste_refusals import FORM, refusal, web_address
from gpustrap.inventory.ssh import FLAGS, SshTarget, joined, parse_ssh
from gpustrap.language import mark, tr

PASSWORD = mark("the password")  # in `left_out`
_DASHES = dict.fromkeys(map(ord, "‐‑‒–−﹣－"), "-")
_QUOTES = dict.fromkeys(map(ord, "“”„‟″〝〞«»"), '"') | dict.fromkeys(map(ord, "‘’‚‛′"), "'")
_CONTINUED = re.compile(r"[ \t]*[\\^`][ \t]*\r?\n[ \t]*")  # as a POSIX shell, cmd.exe and PowerShell do it
_FENCE = re.compile(r"`{3,}\w*$")
_SSH = re.compile(r"(?<![A-Za-z0-9_.@/\\-])(?:[A-Za-z0-9_.~:/\\-]*[/\\])?ssh(?:\.exe)?(?=\s+\S)", re.I)
_LIKELY_SSH = re.compile(rf"{_SSH.pattern}(?=\s+(?:-|\S+@))", re.I)
_URI = re.compile(r"ssh://[^\s'\"]+", re.I)
_LOGIN = re.compile(r"[A-Za-z_][\w.-]*@[\w.\[\]:-]+")
_FORMS = ((_LIKELY_SSH, ""), (_SSH, ""), (_URI, "ssh "), (_LOGIN, "ssh "))
_PUNCTUATION = ".,;:!?)>}。，；、"


@dataclass(frozen=True)
class Pasted:
    """The command as it can be written down, where it leads, and a password that stood beside it.

    `left_out` says what of the paste is not in the command, and repeats no word that could be a password.
    """

    command: str
    target: SshTarget
    password: SecretStr | None = None
    left_out: tuple[str, ...] = ()


def read_paste(text: str) -> Pasted:
    """Read what was pasted. Raises BadInput naming what is not understood; that holds no password."""
    lines = [line.strip() for line in _CONTINUED.sub(" ", text).splitlines()]
    written = [line for line in lines if line and not _FENCE.fullmatch(line)]
    clean = [_unwrapped(_characters(line)) for line in written]
    refused = [refusal(line) for line in clean]
    commands, keywords = blocks_as_ssh(clean)
    if commands:
        return _with_left_out(_in_lines(commands, commands), keywords)
    others = [as_ssh(line) if bad is None else ("", "") for line, bad in zip(clean, refused, strict=True)]
    programs = [tr("the rest of the {program} command", program=program) for _, program in others if program]
    if len(written) == 1 and written[0].isascii() and not programs and (strict := _strictly(written[0], refused[0])):
        return strict
    try:
        return _with_left_out(_in_lines([line for line, _ in others], written), programs)
    except BadInput as bad:
        raise next((one for one in refused if one), web_address(text) or bad) from None


def _with_left_out(pasted: Pasted, more: Sequence[str]) -> Pasted:
    return replace(pasted, left_out=(*pasted.left_out, *dict.fromkeys(more)))


def _strictly(line: str, refused: BadInput | None) -> Pasted | None:
    """A line that is a command already is left as it is."""
    try:
        if refused:
            raise refused
        target = parse_ssh(line)
    except BadInput:
        return None
    return None if target.host[-1:] in _PUNCTUATION else Pasted(line, target)


def _characters(line: str) -> str:
    """Full-width letters, other spaces, dashes and quotes as a keyboard has them; invisible characters left out."""
    seen = "".join(one for one in line if unicodedata.category(one) != "Cf")
    narrow = "".join(unicodedata.normalize("NFKC", one) if "\uff01" <= one <= "\uff5e" else one for one in seen)
    spaced = "".join(" " if unicodedata.category(one) == "Zs" else one for one in narrow)
    straight = spaced.translate(_DASHES).translate(_QUOTES)
    return re.sub(r"(?<!\S)[—―](?=\w)", "-", straight)


def _unwrapped(line: str) -> str:
    """Without the quotes around a whole line, and without Markdown's backticks."""
    line = line.replace("`", "").strip()
    return line[1:-1] if len(line) > 1 and line[0] in "\"'" and line[0] == line[-1] else line


def _in_lines(lines: Sequence[str], written: Sequence[str]) -> Pasted:
    """The one command that can be read. Where there is none, why the likeliest one cannot."""
    tried = [_at(place, lines, written) for place in _candidates(lines)]
    found = [one for one in tried if isinstance(one, Pasted)]
    leads_to = dict.fromkeys((one.target.user, one.target.host.lower(), one.target.port) for one in found)
    if len(leads_to) > 1:
        hosts = ", ".join(dict.fromkeys(one.target.host for one in found))
        raise BadInput(
            Fault(
                tr("several ssh commands were pasted, to {hosts}", hosts=hosts), hint=tr("paste the one that is meant")
            )
        )
    if found:
        return found[0]
    if fields := labelled_words(lines):
        return _pasted(fields, [], "", written, None)
    refused = [one for one in tried if isinstance(one, BadInput)]
    raise refused[0] if refused else BadInput(Fault(tr("there is no ssh command in what was pasted"), hint=tr(FORM)))


def _at(place: tuple[int, int, str], lines: Sequence[str], written: Sequence[str]) -> Pasted | BadInput:
    """The command that begins there: up to its line's end, or to the next one's where a page has wrapped it."""
    index, start, command = place
    refused = []
    for below in ([], lines[index + 1 : index + 2]):
        try:
            words, after = _command_words(" ".join((command, *below)))
            return _pasted(words, after, lines[index][:start], written, (index, index + 1 + len(below)))
        except BadInput as bad:
            refused.append(bad)
    return refused[0]


def _candidates(lines: Sequence[str]) -> list[tuple[int, int, str]]:
    """Line, column and text of what may be the command, all of the likeliest form that there is."""
    for pattern, prefix in _FORMS:
        found = [
            (index, match.start(), f"{prefix}{line[match.start() :]}")
            for index, line in enumerate(lines)
            for match in pattern.finditer(line)
        ]
        if found:
            return found
    is_name = len(lines) == 1 and len(lines[0].split()) == 1
    return [(0, 0, lines[0] if lines[0].lower() == "ssh" else f"ssh {lines[0]}")] if is_name else []


def _command_words(text: str) -> tuple[list[str], list[str]]:
    """The words of one command, and those that follow it. Raises BadInput where they lead nowhere."""
    words = _split(re.sub(r"(?<=\w)\s*@\s+(?=\w)|(?<=\w)\s+@\s*(?=\w)", "@", text))[1:]
    taken: list[str] = []
    host = ""
    while words and (not host or words[0].startswith("-")):
        word = words.pop(0)
        if word.startswith("-"):
            taken += _option(word, words)
        else:
            host, options, cut = _host(word)
            taken += [*options, host]
            words = [cut, *words] if cut else words
            if cut:
                break
    if not host:
        raise BadInput(Fault(tr("no host in the ssh command"), hint=tr(FORM)))
    return _with_port_behind(taken, words, host)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # an apostrophe of the words around it
        return [word.strip("\"'") for word in text.split()]


def _option(word: str, words: list[str]) -> list[str]:
    """One option with its value, which is taken from `words`; the port in all the ways in which people write it."""
    if port := re.fullmatch(r"(?:--?port|-[pP])[=:]?(\d*)\W*", word):
        value = port[1] or (words.pop(0) if words else "")
        digits = re.match(r"[::]?(\d+)(?![\w@])", value)
        if "@" in value:
            raise BadInput(Fault(tr("no port stands behind {word}", word=word), hint=tr(FORM)))
        return ["-p", digits[1] if digits else value]
    needs_value = re.fullmatch(r"-[A-Za-z0-9]*?([A-Za-z])", word)
    if needs_value and f"{needs_value[1]}:" in FLAGS and not _has_value(word) and words:
        return [word, words.pop(0)]
    return [word]


def _has_value(word: str) -> bool:
    """Whether a letter before the last takes the rest of the word for its value: `-lroot`."""
    return any(f"{letter}:" in FLAGS for letter in word[1:-1])


def _host(word: str) -> tuple[str, list[str], str]:
    """USER@HOST without what stuck to it, the port behind its colon as an option, and what was cut off."""
    found = re.fullmatch(r"[<('\"]*((?:[!-~]+@)?[!-~]+?)([^!-~].*)?", word)
    text, cut = (found[1], found[2] or "") if found else (word, "")
    if text.endswith("@"):
        raise BadInput(Fault(tr("no host name stands behind {text}", text=text), hint=tr(FORM)))
    text = text.rstrip(_PUNCTUATION if "[" in text else _PUNCTUATION + "]")
    port = re.fullmatch(r"((?:[^@:\s]+@)?[\w.-]+):(\d{1,5})", text)
    return (port[1], ["-p", port[2]], cut) if port else (text, [], cut)


def _with_port_behind(taken: list[str], after: list[str], host: str) -> tuple[list[str], list[str]]:
    """`ssh root@h port 28123` means -p; of a number alone nobody knows."""
    labelled = re.match(r"(?:port|端口)\W*\s*(\d+)\b", " ".join(after), re.I)
    if labelled:
        return ["-p", labelled[1], *taken], re.sub(r"^\D*\d+\W*", "", " ".join(after)).split()
    if after and re.fullmatch(r"\d{2,5}\W*", after[0]) and "-p" not in taken:
        number = re.sub(r"\D", "", after[0])
        raise BadInput(
            Fault(
                tr("is {number}, behind the host, its port?", number=number),
                hint=tr("then write ssh -p {number} {host}", number=number, host=host),
            )
        )
    return taken, after


def _pasted(
    words: Sequence[str], after: Sequence[str], before: str, written: Sequence[str], of: tuple[int, int] | None
) -> Pasted:
    """The command put together, with a sentence for each thing that is not in it."""
    command = joined(["ssh", *words])
    target = parse_ssh(command)
    others = [line for index, line in enumerate(written) if of is not None and not of[0] <= index < of[1]]
    password = password_in(before, others, written, of)
    unsaid = [line for line in others if not is_password_line(line, password) and line.lower() not in BUTTONS]
    behind = " ".join(after)
    left_out = [
        *([PASSWORD] if password else []),
        *([tr("what stands before the command")] if _says_something(before) else []),
        *([tr("what stands behind the host")] if _is_word(behind) and not is_password_line(behind, password) else []),
        *([tr("1 more line") if len(unsaid) == 1 else tr("{count} more lines", count=len(unsaid))] if unsaid else []),
    ]
    if password:
        remember(password)
    return Pasted(command, target, SecretStr(password) if password else None, tuple(left_out))


def _is_word(text: str) -> bool:
    return re.search(r"\w", text) is not None


def _says_something(before: str) -> bool:
    """Whether more than a prompt or a variable stands before the command."""
    return _is_word(before) and not re.fullmatch(r"(?:.*[\w~\])])?\s*[$#%>❯➜]\s*|(?:sudo|exec)\s+", before)
