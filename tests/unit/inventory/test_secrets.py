from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from gpustrap.errors import BadInput
from gpustrap.inventory.secrets import Secret

CANARY = "canary-5d1c"
FORMS = "{env: NAME}, {file: PATH} or {command: [PROGRAM, ARGUMENT]}"


def secret_file(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "token"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def refusal(secret: Secret) -> str:
    with pytest.raises(BadInput) as refused:
        secret.read()
    return str(refused.value)


def test_an_environment_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", CANARY)
    assert Secret(env="HF_TOKEN").read().get_secret_value() == CANARY


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_file_is_read_less_one_newline(tmp_path: Path, end: bytes) -> None:
    path = secret_file(tmp_path, CANARY.encode() + end)
    assert Secret(file=path).read().get_secret_value() == CANARY


def test_only_one_newline_is_taken_away(tmp_path: Path) -> None:
    assert Secret(file=secret_file(tmp_path, b" a\n\n")).read().get_secret_value() == " a\n"


@pytest.mark.parametrize("command", [["echo", "a  b"], "echo 'a  b'"])
def test_a_command_is_a_list_or_words_and_no_shell_runs_it(command: object) -> None:
    assert Secret.model_validate({"command": command}).read().get_secret_value() == "a  b"


def test_a_command_is_not_expanded_by_a_shell() -> None:
    assert Secret.model_validate({"command": "echo $HOME;id"}).read().get_secret_value() == "$HOME;id"


def test_a_relative_file_starts_at_the_project(tmp_path: Path) -> None:
    read_in = {"project": tmp_path}
    assert Secret.model_validate({"file": "secrets/a"}, context=read_in).file == tmp_path / "secrets" / "a"
    assert Secret.model_validate({"file": "/etc/a"}, context=read_in).file == Path("/etc/a")
    assert Secret.model_validate({"file": "~/a"}, context=read_in).file == Path.home() / "a"


def test_no_text_of_a_secret_holds_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", CANARY)
    secret = Secret(env="HF_TOKEN")
    shown = (repr(secret), str(secret), secret.model_dump_json(), repr(secret.read()), str(secret.read()))
    assert shown == (
        "Secret(env='HF_TOKEN', file=None, command=None)",
        "env='HF_TOKEN' file=None command=None",
        '{"env":"HF_TOKEN","file":null,"command":null}',
        "SecretStr('**********')",
        "**********",
    )


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN", raising=False)
    assert refusal(Secret(env="HF_TOKEN")) == "environment variable HF_TOKEN is not set\nhint: export HF_TOKEN=…"


def test_an_empty_variable_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "")
    assert refusal(Secret(env="HF_TOKEN")) == "environment variable HF_TOKEN is empty"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none"
    assert refusal(Secret(file=path)) == f"secret file {path} cannot be read: no such file or directory"


def test_a_folder_is_no_secret_file(tmp_path: Path) -> None:
    assert refusal(Secret(file=tmp_path)) == f"secret file {tmp_path} cannot be read: is a directory"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = secret_file(tmp_path, CANARY.encode(), mode)
    assert refusal(Secret(file=path)) == f"secret file {path} can be read by others\nhint: chmod 600 {path}"


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = secret_file(tmp_path, b"\xff\xfe")
    assert refusal(Secret(file=path)) == f"secret file {path} is not UTF-8 text"


def test_a_failed_command_is_named_without_its_output() -> None:
    command = (sys.executable, "-c", f"print('{CANARY}'); raise SystemExit(3)")
    assert refusal(Secret(command=command)) == f"secret command '{sys.executable}' ended with exit code 3"


def test_a_command_that_is_not_there_is_named() -> None:
    message = "secret command 'no-such-program' cannot be run: no such file or directory"
    assert refusal(Secret(command=("no-such-program", CANARY))) == message


def test_a_command_that_prints_nothing_gives_no_secret() -> None:
    assert refusal(Secret(command=("true",))) == "output of secret command 'true' is empty"


@pytest.mark.parametrize("written", [CANARY, 1234, [CANARY], None])
def test_a_secret_in_the_clear_is_refused_and_not_repeated(written: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Secret.model_validate(written)
    assert [str(details["ctx"]["error"]) for details in refused.value.errors()] == [
        f"a secret in the clear ends up in backups and commits; expected one of {FORMS}"
    ]


@pytest.mark.parametrize("written", [{}, {"env": "A", "file": "b"}, {"command": []}, {"env": None}])
def test_a_secret_has_exactly_one_place(written: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Secret.model_validate(written)
    assert [str(details["ctx"]["error"]) for details in refused.value.errors()] == [
        f"a secret is exactly one of {FORMS}"
    ]


def test_a_token_written_as_a_variables_name_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        Secret.model_validate({"env": CANARY})
    assert [str(details["ctx"]["error"]) for details in refused.value.errors()] == [
        "expected the name of an environment variable, such as HF_TOKEN"
    ]
