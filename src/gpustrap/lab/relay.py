"""A TCP relay that makes a round trip as long as on a far link, in user space and without root.

Each direction is delayed by half the round trip; throughput is not limited. A connection costs what it
would over a real link: the server sees it after 1.5 round trips and its first byte reaches the client
after 2. Listens on 127.0.0.1 only. `python -m gpustrap.lab.relay --rtt MS PORT:HOST:PORT …` prints one
line `PORT:HOST:PORT` for each, with the port chosen where 0 was given, and runs until it is ended.
With `--turns FILE` a line is added for each connection that has ended: how many round trips its client waited for.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gpustrap.lab.turns import Turns

CHUNK_BYTES = 1 << 16
CHUNKS_UNDER_WAY = 4096  # a slow reader holds the sender back, at 256 MiB a direction


@dataclass(frozen=True)
class Route:
    """`listen` on 127.0.0.1 (0: any free port) leads to `host`:`port`."""

    listen: int
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.listen}:{self.host}:{self.port}"


def parse_route(text: str) -> Route:
    """Read `PORT:HOST:PORT`; HOST may be an IPv6 address in brackets. Raises ValueError."""
    parts = re.fullmatch(r"(\d+):(\[[^]]+\]|[^:]+):(\d+)", text)
    if parts is None:
        raise ValueError(f"'{text}' is not PORT:HOST:PORT")
    return Route(int(parts[1]), parts[2].strip("[]"), int(parts[3]))


@contextmanager
def relay(rtt_ms: float, *to: tuple[str, int], turns: Path | None = None) -> Iterator[tuple[int, ...]]:
    """Relay to each (host, port) while the block runs; gives the local ports in the same order.

    It is a process of its own, because gevent or a busy interpreter would add to the delay, and ends
    with the block or with the caller, however that ends.
    """
    argv = [sys.executable, "-m", "gpustrap.lab.relay", "--until-eof", "--rtt", str(rtt_ms)]
    argv += ["--turns", str(turns)] if turns else []
    argv += [str(Route(0, host, port)) for host, port in to]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield tuple(parse_route(process.stdout.readline().strip()).listen for _ in to)


async def serve(rtt_s: float, route: Route, kept: Path | None = None) -> Route:
    """Relay one route until the loop ends. Answers the route with the port that it listens on."""

    async def handle(client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        turns = Turns(rtt_s)
        try:
            await link(rtt_s, route, client_in, client_out, turns)
        except* OSError:  # either side may refuse or go away; the other sees its connection end
            pass
        finally:
            client_out.close()
            turns.keep(kept)

    server = await asyncio.start_server(handle, "127.0.0.1", route.listen)
    return Route(server.sockets[0].getsockname()[1], route.host, route.port)


async def link(
    rtt_s: float, route: Route, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter, turns: Turns
) -> None:
    """Carry one connection until both sides have ended their half. Raises OSError in a group."""
    up, down = Direction(rtt_s / 2, read=turns.speaks), Direction(rtt_s / 2, written=turns.hears)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(up.read(client_in))
        await asyncio.sleep(1.5 * rtt_s)  # SYN, SYN-ACK, ACK
        server_in, server_out = await asyncio.open_connection(route.host, route.port)
        try:
            tasks.create_task(down.read(server_in))
            tasks.create_task(down.write(client_out))
            await up.write(server_out)
            await down.ended.wait()
        finally:
            server_out.close()


Hears = Callable[[float], None]  # when a chunk passes, in seconds


def _nobody(_now_s: float) -> None:
    pass


class Direction:
    """One way of a connection: each chunk is stamped when it is read and written once its time has come."""

    def __init__(self, delay_s: float, *, read: Hears = _nobody, written: Hears = _nobody):
        self.delay_s = delay_s
        self._was_read, self._was_written = read, written
        self.ended = asyncio.Event()
        self.under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(CHUNKS_UNDER_WAY)

    async def read(self, source: asyncio.StreamReader) -> None:
        """Take in chunks; b"" stands for the end, also where the sender reset the connection."""
        data = b"-"
        while data:
            try:
                data = await source.read(CHUNK_BYTES)
            except OSError:
                data = b""
            if data:
                self._was_read(asyncio.get_running_loop().time())
            await self.under_way.put((asyncio.get_running_loop().time() + self.delay_s, data))

    async def write(self, sink: asyncio.StreamWriter) -> None:
        """Give out chunks in order, then the end. Raises OSError when the receiver is gone."""
        while True:
            due, data = await self.under_way.get()
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            if not data:
                sink.write_eof()
                self.ended.set()
                return
            sink.write(data)
            self._was_written(asyncio.get_running_loop().time())
            await sink.drain()


async def run(rtt_ms: float, routes: Sequence[Route], until_eof: bool, turns: Path | None = None) -> None:
    for route in routes:
        print(await serve(rtt_ms / 1000, route, turns), flush=True)
    if until_eof:
        stdin = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
        await stdin.read()
    else:
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m gpustrap.lab.relay", description="TCP delay relay")
    parser.add_argument("--rtt", type=float, required=True, metavar="MS", help="round trip in milliseconds")
    parser.add_argument("--until-eof", action="store_true", help="end when stdin, a pipe, ends")
    parser.add_argument("--turns", type=Path, metavar="FILE", help="keep the round trips of each connection")
    parser.add_argument("routes", nargs="+", type=parse_route, metavar="PORT:HOST:PORT")
    given = parser.parse_args()
    try:
        asyncio.run(run(given.rtt, given.routes, given.until_eof, given.turns))
    except OSError as failed:
        parser.exit(1, f"{failed}\n")
    except KeyboardInterrupt:
        parser.exit(0)


if __name__ == "__main__":
    main()
