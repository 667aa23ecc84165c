"""What stands beside a pasted command by name: a password, a host with its port and user.

Pages write `密码：x`, `Password: x`, or the label in one line and the value in the next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_SSHPASS = re.compile(r"sshpass\s+(?:-p\s*('[^']*'|\"[^\"]*\"|\S+)|-e|-f\s*\S+)")
_AFTER_LABEL = r"\s*(?:(?:is|为|是)?\s*[:：=]|[为是]\s*(?=[!-~]))\s*"
_SECRET = r"(?:pass(?:word|wd|code)?|pwd|(?:登录|登陆)?密码|密碼|口令)"
# Without a colon only what holds a digit: `password required` is none.
_PASSWORD = re.compile(rf"{_SECRET}{_AFTER_LABEL}(\S+)|(?:^|(?<=\s))(?:root\s*)?{_SECRET}\s+(?=\S*\d)(\S+)$", re.I)
_ASKS_BELOW = re.compile(rf"(?:root\s*)?{_SECRET}\s*[:：]?", re.I)
_AMONG_FIELDS = re.compile(rf"{_SECRET}[ \t]+(?=\S*\d)(\S+)", re.I)
_HIDDEN = re.compile(r"[*•●·＊x]{4,}|\W+|protected|authentication|login")
_LABEL_OR_SPACE = rf"(?:{_AFTER_LABEL}|[ \t]+)"
_HOST = r"(?:host(?:name)?|server|address|ip|主机|主機|地址|服务器)"
_FIELDS = {
    "host": re.compile(rf"{_HOST}(?:{_AFTER_LABEL}([\w.-]+)|[ \t]+([\w-]+(?:\.[\w-]+)+))", re.I),
    "port": re.compile(
        rf"(?:port|端口|端口号|埠){_LABEL_OR_SPACE}(\d+)|{_HOST}{_LABEL_OR_SPACE}[\w.-]+[:：](\d+)", re.I
    ),
    "user": re.compile(
        rf"(?:user(?:name)?|login|account|用户名?|账号|帐号|用戶){_LABEL_OR_SPACE}([A-Za-z_][\w.-]*)", re.I
    ),
}
BUTTONS = ("copy", "copied", "复制", "複製", "登录指令", "登录密码", "密码", "password", "password:", "ssh")


def password_in(before: str, others: Sequence[str], written: Sequence[str], of: tuple[int, int] | None) -> str | None:
    """A password that is called one, or the one word that stands alone in the line below the command."""
    if given := _SSHPASS.search(before):
        return given[1].strip("'\"") if given[1] else None
    for line, next_line in zip(written, [*written[1:], ""], strict=True):
        word = _called_password(line, next_line, among_fields=of is None)
        if word and len(word.split()) == 1 and not _HIDDEN.fullmatch(word):
            return word
    below = [line for line in (written[of[1] :] if of else ()) if line.lower() not in BUTTONS]
    alone = len(below) == 1 and below[0].isascii() and len(below[0].split()) == 1
    return below[0] if alone and below[0] in others and not _HIDDEN.fullmatch(below[0]) else None


def _called_password(line: str, next_line: str, *, among_fields: bool) -> str:
    found = _PASSWORD.search(line) or (_AMONG_FIELDS.search(line) if among_fields else None)
    if found:
        word = found[found.lastindex or 0]
        in_brackets = line[: found.start()].rstrip()[-1:] in ("(", "（", "[", "【")
        return word.rstrip(")）]】") if in_brackets else word
    return next_line if _ASKS_BELOW.fullmatch(line) else ""


def is_password_line(line: str, password: str | None) -> bool:
    return password is not None and password in line


def labelled_words(lines: Sequence[str]) -> list[str]:
    """The words of a command for `Host: … Port: … User: …`; none where no host is named."""
    found = {
        field: match[match.lastindex or 0]
        for field, pattern in _FIELDS.items()
        if (match := pattern.search("\n".join(lines)))
    }
    if "host" not in found:
        return []
    port = ["-p", found["port"]] if "port" in found else []
    return [*port, f"{found['user']}@{found['host']}" if "user" in found else found["host"]]
