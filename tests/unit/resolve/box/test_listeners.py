from __future__ import annotations

import pytest

from gpustrap.resolve.box.listeners import Listener, Listening, strangers

SSHD = Listener("tcp", "0.0.0.0", 22, 7, "root", "/usr/sbin/sshd", "sshd: /usr/sbin/sshd -D")
JUPYTER = "/usr/bin/python3 /usr/local/bin/jupyter-lab --ip=*"


def tcp(port, program="/usr/bin/python3.11", command="python3 app.py", **more):
    return Listener(**{"protocol": "tcp", "address": "0.0.0.0", "port": port, "pid": 99, "user": "root", **more},
                    program=program, command=command)  # fmt: skip


def found(*listeners, provider="plain", allowed=(), ports=()):
    return strangers(Listening(listeners, True), provider, allowed, ports)


@pytest.mark.parametrize(
    ("listener", "provider", "allowed"),
    [
        (SSHD, "plain", ()),
        (tcp(2222, "/usr/sbin/dropbear", "dropbear"), "plain", ()),
        (Listener("tcp", "::", 22, 7, "root", "/usr/sbin/sshd (deleted)", "sshd"), "plain", ()),
        (Listener("udp", "0.0.0.0", 68, 7, "root", "/sbin/dhclient", "dhclient eth0"), "lambda", ()),
        (Listener("udp", "::", 111), "plain", ("111/udp",)),
        (tcp(8888, command=JUPYTER), "gpushare", ()),
        (tcp(8888, command=JUPYTER), "lab", ()),
        (tcp(9000, service="web"), "plain", ()),
        (tcp(9000), "plain", (9000,)),
        (tcp(9000), "plain", ("9000/tcp",)),
        (tcp(9000), "plain", ("python3.11",)),
        (Listener("udp", "0.0.0.0", 41641, 9, "root", "/usr/sbin/tailscaled", "tailscaled"), "plain", ("41641/udp",)),
    ],
)
def test_what_is_known_may_be_open(listener, provider, allowed):
    assert found(listener, provider=provider, allowed=allowed) == {}


@pytest.mark.parametrize(
    ("listener", "provider", "allowed"),
    [
        (tcp(22, "/tmp/sshd", "sshd: /usr/sbin/sshd -D"), "plain", ()),
        (tcp(68, "/sbin/dhclient", "dhclient"), "plain", ()),
        (tcp(8888, command=JUPYTER), "runpodx", ()),
        (tcp(8889, command=JUPYTER), "gpushare", ()),
        (tcp(8888, command="python3 -m http.server 8888"), "gpushare", ()),
        (tcp(9000), "plain", ("9000/udp", 900, "python3")),
    ],
)
def test_what_only_looks_like_it_is_not(listener, provider, allowed):
    assert list(found(listener, provider=provider, allowed=allowed)) == [listener.place]


def test_a_stranger_is_named_with_what_to_do():
    miner = Listener("udp", "::", 4444, 1234, "www-data", "/tmp/.x/xmrig", "./xmrig -o pool")
    assert found(miner) == {
        "[::]:4444 (udp)": "[::]:4444 (udp) is open to others: xmrig (PID 1234: ./xmrig -o pool, by www-data); end it, have it"
        " listen on 127.0.0.1, or write `allow_listening: [4444/udp]`"
    }


def test_one_that_is_hidden_is_no_less_a_stranger():
    assert "open to others: a process that cannot be seen from here, by mallory; end it" in str(
        found(Listener("tcp", "0.0.0.0", 4444, None, "mallory"))
    )


def test_one_known_holder_of_a_socket_is_enough():
    assert found(tcp(9000, service="web"), tcp(9000, pid=100)) == {}


@pytest.mark.parametrize(
    ("command", "ports", "allowed", "open"),
    [
        ("jupyter lab --ip=* --ServerApp.token=''", (), (), True),
        ("jupyter lab --ip=* --ServerApp.token=''", (8888,), (), False),
        ("jupyter lab --ip=* --ServerApp.token=''", (), (8888,), False),
        ("jupyter lab --ip=*", (), (), False),
        ("ray start --head", (), (), True),
        ("torchrun train.py", (), (), False),
    ],
)
def test_a_service_gives_no_shell_away_on_a_port_that_nobody_knows_of(command, ports, allowed, open):
    said = found(tcp(8888, command=command, service="job"), ports=ports, allowed=allowed)
    assert bool(said) is open
    if open:
        assert "of the service job gives a shell to everybody; write its `port`, or have it listen" in str(said)
