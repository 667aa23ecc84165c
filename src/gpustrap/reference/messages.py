"""The messages that the code marks for translation, and the catalogs that hold their translations.

A translation is written into `gpustrap.po`; the other files are made from the code and from it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gpustrap.language import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from babel.messages import Catalog

LOCALE = Path("src/gpustrap/locale")
CODE = ("src/gpustrap", "roles")
KEYWORDS: Mapping[str, None] = {"tr": None, "mark": None}
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # a catalog asks for one; a real one would change it each day
WIDTH = 110


def catalogs(root: Path) -> dict[str, bytes]:
    """Every catalog by its place in the checkout, as it has to be; nothing where there is no folder for them.

    A message that is new has no translation yet, one that is gone has left.
    """
    if not (root / LOCALE).is_dir():
        return {}
    messages = extracted(root)
    files = {str(LOCALE / "gpustrap.pot"): _po(_catalog(messages))}
    for language in LANGUAGES:
        if language != ENGLISH:
            files |= _translated(root, language, messages)
    return files


def extracted(root: Path) -> list[str]:
    """Every message of the code, in the order of the alphabet, so that code which moves changes no catalog."""
    from babel.messages.extract import extract

    found: set[str] = set()
    for file in sorted(file for folder in CODE for file in (root / folder).rglob("*.py")):
        with file.open("rb") as code:
            found |= {str(message) for _, message, _, _ in extract("python", code, keywords=KEYWORDS)}
    return sorted(found | set(_promises(root)))


def _promises(root: Path) -> Iterator[str]:
    """What the roles' verify.py promise: the names of its tests, as a failure shows them."""
    for file in (root / "roles").glob("*/verify.py"):
        for name in re.findall(r"^def test_(\w+)", file.read_text(encoding="utf-8"), re.MULTILINE):
            yield name.replace("_", " ")


def translations(root: Path, language: str) -> dict[str, str]:
    """Message → translation, empty where there is none."""
    from babel.messages.pofile import read_po

    with (root / _place(language, "po")).open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file) if each.id}


def _translated(root: Path, language: str, messages: Iterable[str]) -> dict[str, bytes]:
    from babel.messages.mofile import write_mo

    known = translations(root, language)
    catalog = _catalog(messages, language, known)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    return {str(_place(language, "po")): _po(catalog), str(_place(language, "mo")): compiled.getvalue()}


def _place(language: str, kind: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"gpustrap.{kind}"


def _catalog(messages: Iterable[str], language: str | None = None, known: Mapping[str, str] | None = None) -> Catalog:
    from babel.messages import Catalog

    catalog = Catalog(
        locale=language,
        header_comment="# MIT license.",
        project="gpustrap",
        version="1",
        msgid_bugs_address="none",
        last_translator="gpustrap",
        language_team="gpustrap",
        creation_date=NO_DATE,
        revision_date=NO_DATE,
        fuzzy=False,
    )
    for message in messages:
        catalog.add(message, (known or {}).get(message, ""))
    return catalog


def _po(catalog: Catalog) -> bytes:
    from babel.messages.pofile import write_po

    written = io.BytesIO()
    write_po(written, catalog, width=WIDTH)
    return written.getvalue()
