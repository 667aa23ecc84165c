"""What people copy from pages, chats and word processors, and what is read of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpustrap.errors import BadInput
from gpustrap.inventory.paste import Pasted, read_paste
from gpustrap.inventory.paste_fields import BUTTONS
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
        (f"登录指令\n{SSH}\n密码\n********", None, ("1 more line",)),
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
        ("ssh -p root@203.0.113.7", "no port stands behind -p\nhint: the form is ssh -p PORT USER@HOST"),
        ("ssh -p 9 root@恒源云", "no host name stands behind root@\nhint: the form is ssh -p PORT USER@HOST"),
        (
            "ssh -p $PORT root@$HOST",
            "$PORT stands for a value of your instance\n"
            "hint: the instance's own page shows the command with its values, once it runs",
        ),
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


OTHERS = [
    ("scp -rP 38076 /file root@h.example:/root/tmp", "ssh -p 38076 root@h.example", "scp"),
    ("scp -P 38076 -i ~/.ssh/k -r ./data root@h.example:~/", "ssh -p 38076 -i ~/.ssh/k root@h.example", "scp"),
    ("$ scp root@h.example:/root/x .", "ssh root@h.example", "scp"),
    ("scp -p -P 22 C:/x.bin root@h.example:", "ssh -p 22 root@h.example", "scp"),
    ("rsync -avP -e 'ssh -p 26413' ./data root@h.example:/hy-tmp/", "ssh -p 26413 root@h.example", "rsync"),
    ('rsync -avz --rsh="ssh -p 9 -i ~/.ssh/k" data/ root@h.example:/x', "ssh -p 9 -i ~/.ssh/k root@h.example", "rsync"),
    ("sftp -P 22022 root@203.0.113.7", "ssh -p 22022 root@203.0.113.7", "sftp"),
    ("sftp://root@203.0.113.7:22022/root", "ssh ssh://root@203.0.113.7:22022", ""),
    ("tcp://0.tcp.ngrok.io:12345", "ssh ssh://0.tcp.ngrok.io:12345", ""),
    ("autossh -M 0 -N -p 22022 -L 8888:localhost:8888 root@h.example", "ssh -p 22022 root@h.example", "autossh"),
    ("ssh-copy-id -i ~/.ssh/id_rsa.pub -p 22022 root@h.example", "ssh -i ~/.ssh/id_rsa -p 22022 root@h.example", "ssh-copy-id"),
    ("mosh --ssh='ssh -p 22022' root@h.example", "ssh -p 22022 root@h.example", "mosh"),
    ("putty -ssh root@203.0.113.7 22022", "ssh -p 22022 root@203.0.113.7", "putty"),
    ("plink.exe -P 22022 -l root 203.0.113.7 nvidia-smi", "ssh -p 22022 -l root 203.0.113.7", "plink"),
    ("ssh-remote+root@203.0.113.7:40123", "ssh ssh://root@203.0.113.7:40123", "VS Code"),
    ("vscode://vscode-remote/ssh-remote+root@203.0.113.7:40123/workspace", "ssh ssh://root@203.0.113.7:40123", "VS Code"),
    ("code --remote ssh-remote+my-gpu /workspace", "ssh my-gpu", "VS Code"),
    ('code --folder-uri "vscode-remote://ssh-remote+root@203.0.113.7/root"', "ssh root@203.0.113.7", "VS Code"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "command", "program"), OTHERS)
def test_another_programs_command_leads_to_the_same_place(text: str, command: str, program: str) -> None:
    left_out = (f"the rest of the {program} command",) if program else ()
    assert read(text) == (command, None, left_out)


BLOCKS = [
    ("Host my-gpu\n    HostName 203.0.113.7\n    User root\n    Port 40123\n    IdentityFile ~/.ssh/id_ed25519",
     "ssh -p 40123 -i ~/.ssh/id_ed25519 root@203.0.113.7", ()),
    ("Host workspace.featurize.cn\n  User featurize\n  Port 12345", "ssh -p 12345 featurize@workspace.featurize.cn", ()),
    ('Host lambda\n  HostName=203.0.113.7\n  User=ubuntu\n  IdentityFile "~/.ssh/my key.pem"\n  StrictHostKeyChecking no',
     "ssh -i '~/.ssh/my key.pem' ubuntu@203.0.113.7", ("StrictHostKeyChecking",)),
    ("# ~/.ssh/config\nHost runpod\n\tHostname 203.0.113.7\n\tPort 17445\n\tUser root\n\tProxyJump me@jump.example:22",
     "ssh -p 17445 -J me@jump.example:22 root@203.0.113.7", ()),
    ("Host *\n  User nobody\nHost kaggle\n  HostName %h.trycloudflare.com\n  ProxyCommand cloudflared access ssh --hostname %h",
     "ssh -o 'ProxyCommand=cloudflared access ssh --hostname %h' kaggle.trycloudflare.com", ()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "command", "left_out"), BLOCKS)
def test_a_block_of_ssh_config_is_the_command_that_does_the_same(text: str, command: str, left_out) -> None:
    assert read(text) == (command, None, left_out)


PAGES = [
    ("登录指令\nssh -p 38076 root@h.example\n密码\nF0cKp9", "ssh -p 38076 root@h.example", "F0cKp9"),
    ("主机 h.example\n端口 12345\n用户名 featurize\n密码 ab12cd34", "ssh -p 12345 featurize@h.example", "ab12cd34"),
    ("用户名 root 密码 Xy9kabc 地址 203.0.113.7 端口 22022", "ssh -p 22022 root@203.0.113.7", "Xy9kabc"),
    ("远程地址：203.0.113.7:22022\n账号：root\n密码：abc123", "ssh -p 22022 root@203.0.113.7", "abc123"),
    ("IP地址：203.0.113.7\nSSH端口：22022\n用户名：root\n登录密码：Xy#9!k", "ssh -p 22022 root@203.0.113.7", "Xy#9!k"),
    ("IP: 203.0.113.7  Port: 22022  Username: root  Password: Xy#9!k", "ssh -p 22022 root@203.0.113.7", "Xy#9!k"),
    ("ssh -p 22022 root@h.example password Xy9kabc", "ssh -p 22022 root@h.example", "Xy9kabc"),
    ("ssh root@h.example -p 10422 # password: qwe123", "ssh root@h.example -p 10422", "qwe123"),
    ("putty.exe -ssh root@203.0.113.7 -P 22022 -pw secret9", "ssh -p 22022 root@203.0.113.7", "secret9"),
    ("ssh root@h.example -p 9\nPassword (click to show)\n••••••••", "ssh root@h.example -p 9", None),
    ("ssh root@h.example -p 9\n密码 ********", "ssh root@h.example -p 9", None),
    ("ssh root@h.example -p 9, no password required", "ssh root@h.example -p 9", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "command", "password"), PAGES)
def test_a_pages_fields_and_its_password_are_found(text: str, command: str, password: str | None) -> None:
    assert read(text)[:2] == (command, password)


WINDOWS = "copy the file to ~/.ssh/k.pem in WSL, `chmod 600` it, and write -i ~/.ssh/k.pem"
OWN_PAGE = "the instance's own page shows the command with its values, once it runs"
FORM = "the form is ssh -p PORT USER@HOST"
REFUSED = [
    ('ssh -i "C:\\Users\\me\\k.pem" ubuntu@h.example', f"the key C:\\Users\\me\\k.pem is a file of Windows, and this is not Windows\nhint: {WINDOWS}"),
    ("ssh u@h.example -i %USERPROFILE%\\.ssh\\k.pem", f"the key %USERPROFILE%\\.ssh\\k.pem is a file of Windows, and this is not Windows\nhint: {WINDOWS}"),
    ("ssh.exe -i $env:HOME\\k.pem -p 9 u@h.example", f"the key $env:HOME\\k.pem is a file of Windows, and this is not Windows\nhint: {WINDOWS}"),
    ("ssh -p <port> root@<ip>", f"<port> stands for a value of your instance\nhint: {OWN_PAGE}"),
    ("ssh -i path_to_key ubuntu@<public-ip>", f"<public-ip> stands for a value of your instance\nhint: {OWN_PAGE}"),
    ("ssh root@YOUR_INSTANCE_IP", f"YOUR_INSTANCE_IP stands for a value of your instance\nhint: {OWN_PAGE}"),
    ("ssh root@{host} -p {port}", f"{{host}} stands for a value of your instance\nhint: {OWN_PAGE}"),
    ("登录指令 ssh -p 38076 root@connec... 密码 ********", "the page shows the address cut short, as … says\nhint: use the page's copy button"),
    ("root/Xy9k@203.0.113.7:22022", "what stands between / and @ may be a password, and is no part of an ssh command\nhint: paste ssh -p PORT USER@HOST and the password in a line below it"),
    ("ssh-keygen -R '[203.0.113.7]:22022'", f"ssh-keygen logs in nowhere\nhint: {FORM}"),
    ("gcloud compute ssh my-vm --zone us-central1-a", f"gcloud has a way of its own to get in: gpustrap needs ssh\nhint: {FORM}"),
    ("docker exec -it box bash", f"docker has a way of its own to get in: gpustrap needs ssh\nhint: {FORM}"),
    ("https://203.0.113.7:8888/lab?token=abc", f"that is the address of a web page, not a way to log in\nhint: {FORM}"),
    ("Host a\n HostName 1.2.3.4\nHost b\n HostName 1.2.3.5", "several ssh commands were pasted, to 1.2.3.4, 1.2.3.5\nhint: paste the one that is meant"),
    ("Host *\n  ForwardAgent yes", f"there is no ssh command in what was pasted\nhint: {FORM}"),
    ("scp -P 9 file abc-12@ssh.runpod.io:/x", 'ssh.runpod.io gives only a terminal, in which nothing can be set up\nhint: use ssh root@IP -p PORT, as the pod\'s page says under "SSH over exposed TCP"'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_only_reads_like_a_command_is_refused_in_a_true_sentence(text: str, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_paste(text)
    assert str(refused.value) == message


def test_a_refused_line_beside_a_good_one_is_passed_over() -> None:
    assert read(f"ssh-keygen -R h\n{SSH}\nssh -p <port> root@<ip>") == (SSH, None, ("2 more lines",))


@given(st.text(st.characters() | st.sampled_from(" \n'\"@:-p22sh$（）：＠–")))
def test_any_text_is_a_command_or_bad_input(text: str) -> None:
    try:
        found: object = read_paste(text)
    except BadInput as refused:
        found = refused
    assert isinstance(found, Pasted | BadInput)


@given(
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=6, max_size=20).filter(
        lambda text: text.lower() not in BUTTONS and not re.fullmatch("[Xx]+", text)  # what pages show instead of one
    )
)
def test_a_password_in_the_second_line_is_never_shown(password: str) -> None:
    found = read_paste(f"登录指令：{SSH}\n{password}\n")
    assert found.password is not None and found.password.get_secret_value() == password
    assert f"'{password}'" not in repr(found)
