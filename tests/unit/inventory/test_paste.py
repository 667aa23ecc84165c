"""What people copy from pages, chats and word processors, and what is read of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.errors import BadInput
from gpustrap.inventory.paste import Pasted, read_paste
from gpustrap.inventory.ssh import parse_ssh

SSH = "ssh -p 28123 root@i-1.gpushare.com"
BEFORE, BEHIND, PASSWORD = "what stands before the command", "what stands behind the host", "the password"
LINE = "1 more line"


def read(text: str) -> tuple[str, str | None, tuple[str, ...]]:
    found = read_paste(text)
    assert found.target == parse_ssh(found.command)
    return found.command, found.password and found.password.get_secret_value(), found.left_out


@pytest.mark.parametrize(
    "text",
    [
        SSH,
        f"  {SSH}\n",
        f"$ {SSH}",
        f"# {SSH}",
        f"% {SSH}",
        f"> {SSH}",
        f"❯ {SSH}",
        f"me@mac ~ % {SSH}",
        f"root@box:~# {SSH}",
        f"PS C:\\Users\\me> {SSH}",
        f"sudo {SSH}",
        "ssh –p 28123 root@i-1.gpushare.com",
        "ssh —p 28123 root@i-1.gpushare.com",
        "ssh −p 28123 root@i-1.gpushare.com",
        "ssh －p 28123 root@i-1.gpushare.com",
        "ssh -p 28123 root@i‑1.gpushare.com",
        "ssh -p 28123 root@i–1.gpushare.com",
        "ssh\u00a0-p\u00a028123\u00a0root@i-1.gpushare.com",
        "ssh\u3000-p\u300028123\u3000root@i-1.gpushare.com",
        "ssh -p 28123 root@\u200bi-1.gpushare.com\ufeff",
        "\u202assh -p 28123 root@i-1.gpushare.com\u202c",
        "ssh -p 28123 root＠i-1.gpushare.com",
        "ｓｓｈ -ｐ ２８１２３ ｒｏｏｔ＠i-1.gpushare.com",
        "ssh -p 28123 root@i-1.gpushare.com.",
        "ssh -p 28123 root@i-1.gpushare.com。",
        "ssh -p 28123 root@i-1.gpushare.com;",
        "ssh -p 28123, root@i-1.gpushare.com",
        "“ssh -p 28123 root@i-1.gpushare.com”",
        "'ssh -p 28123 root@i-1.gpushare.com'",
        f"`{SSH}`",
        f"```bash\n{SSH}\n```",
        "ssh -p 28123 \\\n  root@i-1.gpushare.com",
        "ssh -p 28123 \\\r\n  root@i-1.gpushare.com",
        "ssh -p 28123 ^\n  root@i-1.gpushare.com",
        "ssh -p 28123 `\n  root@i-1.gpushare.com",
        "ssh -p 28123\nroot@i-1.gpushare.com",
        "SSH -p 28123 root@i-1.gpushare.com",
        "ssh -p 28123 root @ i-1.gpushare.com",
        "ssh -p 28123 root@ i-1.gpushare.com",
        "ssh -p=28123 root@i-1.gpushare.com",
        "ssh -p:28123 root@i-1.gpushare.com",
        "ssh --port 28123 root@i-1.gpushare.com",
        "ssh -port 28123 root@i-1.gpushare.com",
        "ssh --port=28123 root@i-1.gpushare.com",
        "ssh -P 28123 root@i-1.gpushare.com",
        "ssh root@i-1.gpushare.com:28123",
        "root@i-1.gpushare.com:28123",
        "ssh root@i-1.gpushare.com port 28123",
        "ssh root@i-1.gpushare.com 端口：28123",
        "<ssh -p 28123 root@i-1.gpushare.com>",
        "(ssh -p 28123 root@i-1.gpushare.com)",
    ],
)
def test_what_is_unambiguous_is_put_right_and_nothing_is_left_out(text: str) -> None:
    command, password, left_out = read(text)
    assert parse_ssh(command) == parse_ssh(SSH)
    assert (password, left_out) == (None, ())


@pytest.mark.parametrize(
    ("text", "password", "left_out"),
    [
        (f"登录指令：{SSH} 复制", None, (BEFORE, BEHIND)),
        (f"登录指令{SSH}", None, (BEFORE,)),
        (f"登录指令：{SSH}复制", None, (BEFORE, BEHIND)),
        (f"SSH 登录: {SSH}", None, (BEFORE,)),
        (f"SSH command: {SSH}", None, (BEFORE,)),
        (f"Don't forget: {SSH}", None, (BEFORE,)),
        (f"Connect with {SSH} now!", None, (BEFORE, BEHIND)),
        (f"{SSH} nvidia-smi -L", None, (BEHIND,)),
        (f"{SSH} 'cd /data; ls'", None, (BEHIND,)),
        (f"{SSH}\n复制", None, ()),
        (f"{SSH}\nCopy", None, ()),
        (f"Log in to your instance\n{SSH}\nand enjoy it, it is yours", None, ("2 more lines",)),
        (f"{SSH}\nhunter2", "hunter2", (PASSWORD,)),
        (f"{SSH}\n\n  hunter2  \n复制\n", "hunter2", (PASSWORD,)),
        (f"{SSH}\n密码：hunter2", "hunter2", (PASSWORD,)),
        (f"登录指令：{SSH} 复制\n登录密码：hunter2 复制", "hunter2", (PASSWORD, BEFORE, BEHIND)),
        (f"Password: hunter2\nSSH: {SSH}", "hunter2", (PASSWORD, BEFORE)),
        (f"{SSH} password: hunter2", "hunter2", (PASSWORD,)),
        (f"{SSH}\nroot password is: “hunter–2”", "“hunter–2”", (PASSWORD,)),
        (f"sshpass -p hunter2 {SSH}", "hunter2", (PASSWORD, BEFORE)),
        (f"sshpass -p 'hunter 2' {SSH}", "hunter 2", (PASSWORD, BEFORE)),
        (f"SSHPASS=x sshpass -e {SSH}", None, (BEFORE,)),
        ("Host: i-1.gpushare.com\nPort: 28123\nUser: root", None, ()),
        ("主机：i-1.gpushare.com 端口：28123 用户名：root 密码：hunter2", "hunter2", (PASSWORD,)),
    ],
)
def test_what_is_left_out_is_said_and_a_password_is_kept_apart(text, password, left_out) -> None:
    command, found, said = read(text)
    assert parse_ssh(command) == parse_ssh(SSH)
    assert (found, said) == (password, left_out)
    assert "hunter" not in command + str(said) + repr(read_paste(text))


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("my-gpu", "my-gpu"),
        ("ssh abc-12@ssh.runpod.io -i k\nssh root@203.0.113.7 -p 9 -i k", "ssh root@203.0.113.7 -p 9 -i k"),
        ("ssh -p 9 root@h\nssh -p 9 root@H -L 1:h:1", "ssh -p 9 root@h"),
        ("ssh my-gpu", "ssh my-gpu"),
        ("ssh -2 -p 22 root@h", "ssh -2 -p 22 root@h"),
        ("ssh -1 -q root@h", "ssh -1 -q root@h"),
        ("$ ssh -i ~/.ssh/id_ed25519 root@203.0.113.7 –p 10022", "ssh -i ~/.ssh/id_ed25519 root@203.0.113.7 -p 10022"),
        ("ssh -i “my keys/id” root@h", "ssh -i 'my keys/id' root@h"),
        ("登录：ssh -L 8080:localhost:8080 -p 9 root@h", "ssh -L 8080:localhost:8080 -p 9 root@h"),
        ("ssh –o “ProxyCommand=nc %h %p” root@h", "ssh -o 'ProxyCommand=nc %h %p' root@h"),
        ("$ ssh -lroot -p9 h", "ssh -lroot -p 9 h"),
        ("go to ssh://root@h:22/ now", "ssh ssh://root@h:22/"),
        ("ssh root@[2001:db8::1]。", "ssh 'root@[2001:db8::1]'"),
        ("/usr/bin/ssh -p 9 root@h", "/usr/bin/ssh -p 9 root@h"),
        ("> C:\\Windows\\ssh.exe –p 9 root@h", "ssh -p 9 root@h"),
    ],
)
def test_a_command_keeps_its_options(text: str, command: str) -> None:
    assert read(text)[0].replace("'root@[2001:db8::1]'", "root@[2001:db8::1]") == command.replace(
        "'root@[2001:db8::1]'", "root@[2001:db8::1]"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is no ssh command in what was pasted\nhint: the form is ssh -p PORT USER@HOST"),
        ("hello there", "there is no ssh command in what was pasted\nhint: the form is ssh -p PORT USER@HOST"),
        ("ssh", "no host in the ssh command\nhint: the form is ssh -p PORT USER@HOST"),
        ("ssh -p 28123", "no host in the ssh command\nhint: the form is ssh -p PORT USER@HOST"),
        ("ssh –Z root@h", "ssh command: option -Z not recognized\nhint: the form is ssh -p PORT USER@HOST"),
        (
            "ssh root@h 28123",
            "is 28123, behind the host, its port?\nhint: then write ssh -p 28123 root@h",
        ),
        (
            f"{SSH}\nor directly: ssh -p 9 root@203.0.113.7",
            "several ssh commands were pasted, to i-1.gpushare.com, 203.0.113.7\nhint: paste the one that is meant",
        ),
        ("$ ssh –p 99999 root@h", "port must be 1 to 65535, got 99999"),
        (
            "$ ssh root:hunter2@h",
            "a password stands before the host, where files and process lists show it\n"
            "hint: use an ssh key, or write the password's place beside it: password: {env: NAME}",
        ),
        (
            "ssh abc-123@ssh.runpod.io -i ~/.ssh/id_ed25519",
            "ssh.runpod.io gives only a terminal, in which nothing can be set up\n"
            'hint: use ssh root@IP -p PORT, as the pod\'s page says under "SSH over exposed TCP"',
        ),
    ],
)
def test_what_is_not_understood_is_named(text: str, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_paste(text)
    assert str(refused.value) == message


@given(st.text(st.characters() | st.sampled_from(" \n'\"@:-p22sh$（）：＠–")))
def test_any_text_is_a_command_or_bad_input(text: str) -> None:
    try:
        found: object = read_paste(text)
    except BadInput as refused:
        found = refused
    assert isinstance(found, Pasted | BadInput)


@given(
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=6, max_size=20).filter(
        lambda text: text.lower() != "copied"
    )
)
def test_a_password_in_the_second_line_is_never_shown(password: str) -> None:
    found = read_paste(f"登录指令：{SSH}\n{password}\n")
    assert found.password is not None and found.password.get_secret_value() == password
    assert f"'{password}'" not in repr(found)
