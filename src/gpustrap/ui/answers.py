"""What an answer to a question of yes or no means."""

from __future__ import annotations

from gpustrap.language import tr
from gpustrap.ui.plain import shown

YES, NO = ("y", "yes", "是", "好"), ("n", "no", "否", "不")


def meant(answer: str, *, default: bool = False) -> bool | None:
    """Whether what was typed is a yes, in any of the languages that gpustrap speaks; None for neither yes nor no."""
    word = answer.strip().lower()
    return {"": default, **dict.fromkeys(YES, True), **dict.fromkeys(NO, False)}.get(word)


def neither(answer: str) -> str:
    return tr("'{answer}' is neither yes nor no", answer=shown(answer.strip()))
