"""A name server that answers one question after the other: `slow_dns.py SECONDS FILE`, for each of them.

Every name below `slow.test` is 127.0.0.1; one below `mute.test` is never answered. FILE gets the name of each question.
Serves until its stdin ends.
"""

from __future__ import annotations

import queue
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TextIO

ADDRESS = 1  # the type A; of any other type a name has nothing


def name_of(question: bytes) -> tuple[str, int]:
    """The name that is asked for, and where its type stands."""
    at, labels = 12, []
    while size := question[at]:
        labels.append(question[at + 1 : at + 1 + size].decode())
        at += 1 + size
    return ".".join(labels), at + 1


def answer(question: bytes) -> bytes:
    _, at = name_of(question)
    held = int.from_bytes(question[at : at + 2], "big") == ADDRESS
    head = question[:2] + b"\x81\x80" + question[4:6] + (b"\0\1" if held else b"\0\0") + bytes(4)
    found = b"\xc0\x0c\0\1\0\1" + (60).to_bytes(4, "big") + b"\0\4" + socket.inet_aton("127.0.0.1")
    return head + question[12 : at + 4] + (found if held else b"")


def serve(server: socket.socket, seconds: float, asked: TextIO) -> None:
    waiting: queue.Queue[tuple[bytes, object]] = queue.Queue()

    def one_after_the_other() -> None:
        while True:
            question, asker = waiting.get()
            time.sleep(seconds)  # this is the fault
            server.sendto(answer(question), asker)  # type: ignore[arg-type]

    threading.Thread(target=one_after_the_other, daemon=True).start()
    while True:
        question, asker = server.recvfrom(4096)
        print(name_of(question)[0], file=asked, flush=True)
        if not name_of(question)[0].endswith("mute.test"):
            waiting.put((question, asker))


if __name__ == "__main__":
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 53))
    with Path(sys.argv[2]).open("w") as asked:
        threading.Thread(target=serve, args=(made, float(sys.argv[1]), asked), daemon=True).start()
        print("ready", flush=True)
        sys.stdin.read()
