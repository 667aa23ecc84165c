"""Public keys as a line of authorized_keys has them. Pure."""

from __future__ import annotations

import base64
import binascii
import re

from gpustrap.language import tr

# What OpenSSH's sshd takes (sshd(8), AUTHORIZED_KEYS FILE FORMAT). ssh-dss is gone since OpenSSH 10.
KINDS = (
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
)


def public_key(text: str) -> str:
    """`KIND BASE64 COMMENT` with single spaces. Raises ValueError with a sentence, which never holds the text."""
    words = text.split()
    if "PRIVATE KEY" in text:
        raise ValueError(tr("this is a private key, which nobody else may see: the line of its .pub file is wanted"))
    if "\n" in text.strip() or len(words) < 2 or words[0] not in KINDS:
        raise ValueError(tr("expected the line of a .pub file, such as `ssh-ed25519 AAAA… name`"))
    if not _holds(words[0], words[1]):
        raise ValueError(tr("the key is cut off or damaged: copy the whole line of the .pub file"))
    comment = re.sub(r"[^\w@.+:/-]+", " ", " ".join(words[2:])).strip()
    return " ".join(filter(None, (*words[:2], comment)))


def blob_of(line: str) -> str:
    """The key itself, without the words around it; "" for a line that has none."""
    words = line.split()
    at = next((number for number, word in enumerate(words) if word in KINDS), None)
    return words[at + 1] if at is not None and at + 1 < len(words) and not line.lstrip().startswith("#") else ""


def name_of(key: str) -> str:
    """What a person knows it by: its comment, else its kind and the end of it."""
    kind, blob, *comment = key.split(" ", 2)
    return comment[0] if comment else f"{kind} …{blob[-8:]}"


def _holds(kind: str, coded: str) -> bool:
    """Whether the blob's fields are whole, and the first is its kind (RFC 4253, 6.6)."""
    try:
        rest, fields = base64.b64decode(coded, validate=True), []
    except (ValueError, binascii.Error):
        return False
    while len(rest) >= 4 and len(rest) >= (end := 4 + int.from_bytes(rest[:4])):
        fields.append(rest[4:end])
        rest = rest[end:]
    return not rest and len(fields) >= 2 and fields[0] == kind.encode()
