from __future__ import annotations

from pathlib import Path

from roles.project.access import Access, access_of

KEY, TOKEN = "/h/.config/gpustrap/project-key", "/h/.config/gpustrap/project-token"


def test_without_any_what_was_there_goes(settings) -> None:
    assert access_of(settings("project", git="git@h:a"), "/h") == Access(((KEY, None), (TOKEN, None)))


def test_a_key_stands_in_a_file_that_ssh_is_told_of(settings, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a key\n")
    (tmp_path / "key").chmod(0o600)
    access = access_of(settings("project", git="git@h:a", key={"file": str(tmp_path / "key")}), "/h")
    ((_, key), (_, token)) = access.files
    assert key is not None and key.get_secret_value() == "a key"
    assert (token, access.key, access.config) == (None, KEY, "")


def test_a_token_is_for_the_host_of_the_repository_alone(settings, monkeypatch) -> None:
    monkeypatch.setenv("TOKEN", "a token")
    access = access_of(settings("project", git="https://h.lan:8443/me/app", token={"env": "TOKEN"}), "/h")
    ((_, key), (_, token)) = access.files
    assert token is not None
    assert token.get_secret_value() == (
        '[http "https://h.lan:8443/"]\n\textraHeader = "Authorization: Basic b2F1dGgyOmEgdG9rZW4="\n'
    )
    assert (key, access.key, access.config) == (None, "", TOKEN)
