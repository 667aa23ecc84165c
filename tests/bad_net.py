"""Real servers on the loopback, each with one fault of the net's: `bad_net.py FOLDER [127.0.0.1]`.

Prints one JSON object, fault → URL, and serves until its stdin ends. With a FOLDER there are servers with certificates
too; `trusted.pem` in it is what a client has to trust.
"""

from __future__ import annotations

import datetime
import ipaddress
import json
import select
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

INDEX = b'<!DOCTYPE html><html><body><a href="pip-25.0-py3-none-any.whl">pip</a></body></html>'
STALE = b"Origin: Debian\nDate: Sat, 01 Jan 2022 10:00:00 UTC\nValid-Until: Sat, 08 Jan 2022 10:00:00 UTC\n"
LARGE = INDEX + b" " * 500_000
DAY = datetime.timedelta(days=1)

Handler = Callable[[socket.socket], None]


def head(status: str, size: int, more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\nConnection: close\r\n{more}\r\n".encode()


def asked(peer: socket.socket) -> bytes:
    """The request's head."""
    said = b""
    while b"\r\n\r\n" not in said and (piece := peer.recv(4096)):
        said += piece
    return said


def answers(status: str, body: bytes, more: str = "") -> Handler:
    def answer(peer: socket.socket) -> None:
        asked(peer)
        peer.sendall(head(status, len(body), more) + body)

    return answer


def to_browsers_only(peer: socket.socket) -> None:
    good = b"Mozilla" in asked(peer)
    peer.sendall(head("200 OK" if good else "403 Forbidden", len(INDEX)) + INDEX)


def fast_then_slow(peer: socket.socket) -> None:
    """The index at once, the files drop by drop."""
    if b".whl" not in asked(peer):
        peer.sendall(head("200 OK", len(INDEX)) + INDEX)
        return
    peer.sendall(head("200 OK", 10_000_000))
    while not select.select([peer], [], [], 0.05)[0]:
        peer.sendall(bytes(500))


def other_file(peer: socket.socket) -> None:
    """An index that tells the digest of its file, and another file under the name."""
    page = INDEX.replace(b'whl"', b"whl#sha256=" + b"0" * 64 + b'"')
    body = page if b".whl" not in asked(peer) else b"another file"
    peer.sendall(head("200 OK", len(body)) + body)


def files_redirected(peer: socket.socket) -> None:
    """An index whose files are said to be elsewhere, where nobody is."""
    body = INDEX if b".whl" not in asked(peer) else b""
    peer.sendall(
        head("200 OK" if body else "302 Found", len(body), "" if body else "Location: http://127.0.0.1:9/\r\n") + body
    )


def truncates(peer: socket.socket) -> None:
    asked(peer)
    peer.sendall(head("200 OK", 5 * len(INDEX)) + INDEX)


def drips(peer: socket.socket) -> None:
    """Headers and the first of the body at once, the rest never."""
    asked(peer)
    peer.sendall(head("200 OK", 5 * len(INDEX)) + INDEX)
    peer.recv(1)  # until the client goes


def resets(peer: socket.socket) -> None:
    peer.recv(4096)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent(peer: socket.socket) -> None:
    while peer.recv(4096):
        pass


def large_vanish(peer: socket.socket) -> None:
    """As behind a tunnel of a smaller MTU: only who told this side to send small segments hears anything."""
    if peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) > 1000:
        silent(peer)
    else:
        answers("200 OK", INDEX)(peer)


def hangs_up(peer: socket.socket) -> None:
    asked(peer)


@dataclass
class Net:
    """Makes servers; `url` of each is on 127.0.0.1. They end with the test."""

    folder: Path
    open: list[socket.socket] = field(default_factory=list)

    def serve(self, handler: Handler, tls: ssl.SSLContext | None = None) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        self.open.append(server)
        threading.Thread(target=self._accept, args=(server, handler, tls), daemon=True).start()
        return f"{'https' if tls else 'http'}://127.0.0.1:{server.getsockname()[1]}/pip/"

    def _accept(self, server: socket.socket, handler: Handler, tls: ssl.SSLContext | None) -> None:
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(peer, handler, tls), daemon=True).start()

    def _one(self, peer: socket.socket, handler: Handler, tls: ssl.SSLContext | None) -> None:
        try:
            with tls.wrap_socket(peer, server_side=True) if tls else peer as ready:
                handler(ready)
        except OSError:
            peer.close()

    def refusing(self) -> int:
        """A port on which nobody listens, and that nobody else gets meanwhile."""
        held = socket.socket()
        held.bind(("127.0.0.1", 0))
        self.open.append(held)
        return int(held.getsockname()[1])

    def black_hole(self) -> str:
        """A port whose queue is full: what is sent to it vanishes."""
        server = socket.socket()
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        self.open.append(server)
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
            self.open.append(filler)
        return f"http://127.0.0.1:{server.getsockname()[1]}/pip/"

    def certificate(
        self, name: str = "127.0.0.1", days: tuple[int, int] = (-1, 9), trusted: bool = True
    ) -> ssl.SSLContext:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import NameOID

        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"test {name} {days}")])
        names: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address(name))]
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + days[0] * DAY)
            .not_valid_after(now + days[1] * DAY)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = made.public_bytes(serialization.Encoding.PEM)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self.folder / f"{len(self.open)}-{name}{days[1]}{trusted}.pem"
        file.write_bytes(pem + secret)
        with (self.folder / "trusted.pem").open("ab") as bundle:
            bundle.write(pem if trusted else b"")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def faults(net: Net) -> dict[str, str]:
    """Each fault, or what is right, by its name: what follows a dash only tells two of a name apart."""
    page = answers("200 OK", INDEX)
    away = f"Location: http://127.0.0.1:{net.refusing()}/x?secret=s3cret\r\n"
    return {
        "works": net.serve(page),
        "works-large": net.serve(answers("200 OK", LARGE)),
        "works-slow-files": net.serve(fast_then_slow),
        "works-other-file": net.serve(other_file),
        "works-no-files": net.serve(files_redirected),
        "dns_fails": "http://nosuch.invalid/pip/",
        "dns_lies": f"http://localhost:{net.refusing()}/pip/",
        "tcp_refused": f"http://127.0.0.1:{net.refusing()}/pip/",
        "tcp_refused-redirected": net.serve(answers("302 Found", b"", away)),
        "black_hole": net.black_hole(),
        "tls_silent": net.serve(silent).replace("http:", "https:"),
        "no_answer": net.serve(silent),
        "mtu": net.serve(large_vanish),
        "tls_reset": net.serve(resets).replace("http:", "https:"),
        "stale": net.serve(answers("200 OK", STALE)),
        "http_403": net.serve(answers("403 Forbidden", b"no")),
        "http_403_agent": net.serve(to_browsers_only),
        "http_404": net.serve(answers("404 Not Found", b"")),
        "http_429": net.serve(answers("429 Too Many Requests", b"", "Retry-After: 9\r\n")),
        "http_5xx": net.serve(answers("502 Bad Gateway", b"")),
        "error_page": net.serve(answers("200 OK", b"<html>Please log in</html>")),
        "truncated": net.serve(truncates),
        "slow_body": net.serve(drips),
        "reset": net.serve(hangs_up),
    }


def certified(net: Net) -> dict[str, str]:
    page = answers("200 OK", INDEX)
    return {
        "works-tls": net.serve(page, net.certificate()),
        "certificate_date": net.serve(page, net.certificate(days=(-9, -1))),
        "certificate_name": net.serve(page, net.certificate("127.0.0.9")),
        "certificate_untrusted": net.serve(page, net.certificate(trusted=False)),
    }


if __name__ == "__main__":
    made = Net(Path(sys.argv[1]) if sys.argv[1:] else Path())
    print(json.dumps(faults(made) | (certified(made) if sys.argv[1:] else {})), flush=True)
    sys.stdin.read()
