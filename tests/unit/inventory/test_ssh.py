from __future__ import annotations

import ipaddress
import shlex
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.errors import BadInput
from gpustrap.inventory.ssh import SshTarget, parse_ssh, ssh_argv

PORT_FORM = "hint: a port is written so: ssh -p PORT USER@HOST"
ENTRY = "hint: give the host an entry in ~/.ssh/config and write that entry's name"
FORM = "hint: the form is ssh -p PORT USER@HOST"
KEY_OR_PLACE = "hint: use an ssh key, or write the password's place beside it: password: {env: NAME}"
JUMP_KEY = "hint: use an ssh key for the jump host"
KEEP = "where files and process lists show it"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("ssh -p 28123 root@i-1.gpushare.com", SshTarget("i-1.gpushare.com", 28123, "root")),
        ("ssh -p28123 -lroot i-1.gpushare.com", SshTarget("i-1.gpushare.com", 28123, "root")),
        (
            "ssh featurize@workspace.featurize.cn -p 31337",
            SshTarget("workspace.featurize.cn", 31337, "featurize"),
        ),
        (
            "ssh root@203.0.113.7 -p 10022 -i ~/.ssh/id_ed25519",
            SshTarget("203.0.113.7", 10022, "root", "~/.ssh/id_ed25519"),
        ),
        ("ssh -p 20544 root@203.0.113.7 -L 8080:localhost:8080", SshTarget("203.0.113.7", 20544, "root")),
        ("ssh -tt -vN -D 1080 box", SshTarget("box")),
        ("ssh -i 'my keys/id' \"box\"", SshTarget("box", identity_file="my keys/id")),
        ("ssh -p 22 \\\n  root@box", SshTarget("box", 22, "root")),
        ("ssh -J jump@gate:2222,inner box", SshTarget("box", jump="jump@gate:2222,inner")),
        (
            "ssh -o Compression=yes -oLogLevel=ERROR box",
            SshTarget("box", options=(("Compression", "yes"), ("LogLevel", "ERROR"))),
        ),
        ("ssh -o 'ServerAliveInterval 30' box", SshTarget("box", options=(("ServerAliveInterval", "30"),))),
        (
            "ssh -o 'ProxyCommand=nc -x p:1 %h %p' box",
            SshTarget("box", options=(("ProxyCommand", "nc -x p:1 %h %p"),)),
        ),
        (
            "ssh -o port=2222 -o User=me -o IdentityFile=k -oProxyJump=j box",
            SshTarget("box", 2222, "me", "k", "j"),
        ),
        (
            "ssh -4 -A -C box",
            SshTarget("box", options=(("AddressFamily", "inet"), ("ForwardAgent", "yes"), ("Compression", "yes"))),
        ),
        ("ssh -p 22 root@2001:db8::1", SshTarget("2001:db8::1", 22, "root")),
        ("ssh fe80::1%eth0", SshTarget("fe80::1%eth0")),
        ("ssh root@[2001:db8::1]", SshTarget("2001:db8::1", user="root")),
        ("ssh://[2001:db8::1]:22", SshTarget("2001:db8::1", 22)),
        ("ssh://root@[2001:db8::1]", SshTarget("2001:db8::1", user="root")),
        ("ssh ssh://root@box:2222/", SshTarget("box", 2222, "root")),
        ("ssh -- box", SshTarget("box")),
        ("/usr/bin/ssh box", SshTarget("box")),
        ("root@box", SshTarget("box", user="root")),
        ("my-gpu", SshTarget("my-gpu")),
    ],
)
def test_a_pasted_command_says_where_to_connect(text: str, target: SshTarget) -> None:
    assert parse_ssh(text) == target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("ssh -p 1 -p 2 box", SshTarget("box", 1)),
        ("ssh -l first second@box", SshTarget("box", user="first")),
        ("ssh first@box -l second", SshTarget("box", user="first")),
        ("ssh ssh://box:1 -p 2", SshTarget("box", 1)),
        ("ssh -o Port=1 -p 2 box", SshTarget("box", 1)),
    ],
)
def test_the_first_of_two_wins_as_in_ssh(text: str, target: SshTarget) -> None:
    assert parse_ssh(text) == target


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", f"no host in the ssh command\n{FORM}"),
        ("ssh -p 22", f"no host in the ssh command\n{FORM}"),
        ("ssh 'box", "the ssh command cannot be read: no closing quotation"),
        ("ssh bo\x07x", "the ssh command holds a control character"),
        ("ssh -Z box", f"ssh command: option -Z not recognized\n{FORM}"),
        ("ssh box -p", f"ssh command: option -p requires argument\n{FORM}"),
        ("ssh -p 0 box", "port must be 1 to 65535, got 0"),
        ("ssh -p 65536 box", "port must be 1 to 65535, got 65536"),
        ("ssh -p 100000022 box", "port must be 1 to 65535, got 100000022"),
        ("ssh -p ssh box", "port must be a number from 1 to 65535"),
        ("ssh -p ٢٢ box", "port must be a number from 1 to 65535"),
        ("ssh://box:x", "port must be a number from 1 to 65535"),
        ("ssh box:22", f"the host name holds a ':' but is no IPv6 address\n{PORT_FORM}"),
        ("ssh -- -oProxyCommand=id", "'-oProxyCommand=id' is no host name"),
        ("ssh -l -oX box", "'-oX' is no user name"),
        ("ssh 'a;b'", "'a;b' is no host name"),
        ("ssh root@", "the host name is empty"),
        ("ssh @box", "the user name is empty"),
        ("ssh -i '' box", "the identity file is empty or starts with '-'"),
        ("ssh -J -oX box", "'-oX' is no jump host name"),
        ("ssh -o Compression box", "ssh option -o needs the form Key=Value"),
        ("ssh -F conf box", f"ssh option -F is not understood here\n{ENTRY}"),
        ("ssh box ls -l", "a remote command follows the host\nhint: paste only the part that connects"),
        ("ssh -- box -p 22", "a remote command follows the host\nhint: paste only the part that connects"),
    ],
)
def test_a_command_that_cannot_be_used_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_ssh(text)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "sshpass -p hunter2 ssh root@box",
            f"sshpass puts the password into the command, {KEEP}\n{KEY_OR_PLACE}",
        ),
        (
            "SSHPASS=hunter2 sshpass -e ssh box",
            f"sshpass puts the password into the command, {KEEP}\n{KEY_OR_PLACE}",
        ),
        ("ssh root:hunter2@box", f"a password stands before the host, {KEEP}\n{KEY_OR_PLACE}"),
        ("ssh://root:hunter2@box:22", f"a password stands before the host, {KEEP}\n{KEY_OR_PLACE}"),
        ("ssh -J me:hunter2@gate box", f"a password stands in the jump host, {KEEP}\n{JUMP_KEY}"),
        (
            "ssh root@box\nhunter2",
            "a remote command follows the host\nhint: paste only the part that connects",
        ),
        ("ssh -p hunter2 root@box", "port must be a number from 1 to 65535"),
    ],
)
def test_a_password_is_refused_and_never_repeated(text: str, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_ssh(text)
    assert str(refused.value) == message
    assert "hunter2" not in message


def test_the_command_of_a_target_takes_a_remote_command_after_it() -> None:
    target = SshTarget("box", 22, "root", "a key", "gate", (("LogLevel", "ERROR"),))
    assert [*ssh_argv(target), "true"] == [
        *("ssh", "-p", "22", "-l", "root", "-i", "a key", "-J", "gate", "-o", "LogLevel=ERROR"),
        *("--", "box", "true"),
    ]


HOST_NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,30}", fullmatch=True)
HOSTS = HOST_NAMES | st.ip_addresses().map(str)
USERS = st.from_regex(r"[A-Za-z_][A-Za-z0-9._@\\-]{0,15}", fullmatch=True).filter(lambda user: "\\" not in user)
PORTS = st.integers(1, 65535)
FILES = st.text(string.printable.strip() + " 钥匙", min_size=1).filter(lambda path: not path.startswith("-"))
KEYS = st.sampled_from(["LogLevel", "ProxyCommand", "ServerAliveInterval", "SendEnv"])
VALUES = st.text(string.digits + string.ascii_letters + " =\"'%~$;", min_size=1).map(str.lstrip).filter(bool)
HOPS = st.builds(lambda user, host, port: f"{user}@{host}:{port}", USERS, HOST_NAMES, PORTS)
TARGETS = st.builds(
    SshTarget,
    host=HOSTS,
    port=st.none() | PORTS,
    user=st.none() | USERS,
    identity_file=st.none() | FILES,
    jump=st.none() | st.lists(HOPS, min_size=1, max_size=3).map(",".join),
    options=st.lists(st.tuples(KEYS, VALUES), max_size=3).map(tuple),
)


@given(TARGETS)
def test_a_target_survives_its_own_command(target: SshTarget) -> None:
    assert parse_ssh(shlex.join(ssh_argv(target))) == target


@given(USERS, st.ip_addresses(v=6), PORTS)
def test_an_ipv6_address_means_the_same_as_uri_and_as_words(
    user: str, address: ipaddress.IPv6Address, port: int
) -> None:
    assert parse_ssh(f"ssh://{user}@[{address}]:{port}") == parse_ssh(f"ssh -p {port} {user}@{address}")


@given(st.text())
def test_any_text_is_a_target_or_bad_input(text: str) -> None:
    try:
        found: object = parse_ssh(text)
    except BadInput as refused:
        found = refused
    assert isinstance(found, SshTarget | BadInput)
