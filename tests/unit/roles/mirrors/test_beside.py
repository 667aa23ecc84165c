from __future__ import annotations

import pytest

from gpustrap.resolve.box.configuration import Configuration, SetKey, SetVariable
from roles.mirrors.beside import beside, of_projects, renamed

ALL = dict.fromkeys(("pypi", "conda", "npm", "git", "hf", "python-build"), "https://m.lan")
NONE = dict.fromkeys(ALL)


def var(name: str) -> Configuration:
    return Configuration((SetVariable(name, "/root/.bashrc", 2),))


def key(section: str, name: str, file: str) -> Configuration:
    return Configuration(keys=(SetKey(section, name, file),))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (Configuration(), None),
        (var("PIP_EXTRA_INDEX_URL"), "pip asks what PIP_EXTRA_INDEX_URL in /root/.bashrc:2 says besides"),
        (var("PIP_FIND_LINKS"), "pip asks what PIP_FIND_LINKS in /root/.bashrc:2 says besides"),
        (var("UV_INDEX"), "uv asks what UV_INDEX in /root/.bashrc:2 says besides"),
        (var("UV_EXTRA_INDEX_URL"), "uv asks what UV_EXTRA_INDEX_URL in /root/.bashrc:2 says besides"),
        (key("global", "extra-index-url", "/etc/pip.conf"), "pip asks what extra-index-url in /etc/pip.conf says besides"),
        (key("install", "find_links", "/etc/pip.conf"), "pip asks what find_links in /etc/pip.conf says besides"),
        (key("-", "extra-index-url", "/etc/uv/uv.toml"), "uv asks what extra-index-url in /etc/uv/uv.toml says besides"),
        (key("-", "channel_alias", "/root/.condarc"), "conda asks what channel_alias in /root/.condarc says besides"),
        (var("UV_OFFLINE"), "uv asks nobody where UV_OFFLINE in /root/.bashrc:2 says so: take it away there"),
        (key("pip", "no-index", "/etc/uv/uv.toml"), "uv asks nobody where no-index in /etc/uv/uv.toml says so: take it away there"),
        (var("HF_HUB_OFFLINE"), "Hugging Face's clients ask nobody where HF_HUB_OFFLINE in /root/.bashrc:2 says so: take it away there"),
        (var("npm_config_offline"), "npm asks nobody where npm_config_offline in /root/.bashrc:2 says so: take it away there"),
        (key("-", "index-url", "/etc/pip.conf"),
         "pip cannot read /etc/pip.conf: a setting stands above its first [section]; mend it on the instance"),
        (key("-", "gpustrap-bom", "/etc/pip.conf"),
         "pip cannot read /etc/pip.conf: it begins with a byte order mark; mend it on the instance"),
        (key("-", "gpustrap-twice:cert", "/etc/pip.conf"), "pip cannot read /etc/pip.conf: cert stands twice; mend it on the instance"),
        (key("-", "gpustrap-twice:[global]", "/root/.config/pip/pip.conf"),
         "pip cannot read /root/.config/pip/pip.conf: [global] stands twice; mend it on the instance"),
        (key("-", "index-url", "/root/.config/pip/pip.conf"),
         "pip cannot read /root/.config/pip/pip.conf: a setting stands above its first [section]; mend it on the instance"),
        (key("-", "gpustrap-twice:index-url", "/etc/pip.conf"),
         "pip cannot read /etc/pip.conf: index-url stands twice; mend it on the instance"),
        (Configuration(keys=tuple(SetKey("-", name, "/etc/pip.conf") for name in ("gpustrap-twice:cert", "index-url"))),
         "pip cannot read /etc/pip.conf: cert stands twice; mend it on the instance"),
        *((key("-", f"gpustrap-twice:{name}", "/root/.config/pip/pip.conf"), None)
          for name in ("index-url", "index_url", "timeout", "trusted-host", "trusted_host")),
        *((var(name), f"{client} nobody where {name} in /root/.bashrc:2 says so: take it away there")
          for client, name in (("conda asks", "CONDA_OFFLINE"), ("npm asks", "NPM_CONFIG_OFFLINE"),
                               ("Hugging Face's clients ask", "TRANSFORMERS_OFFLINE"))),
        *((key("-", "offline", file), f"{client} asks nobody where offline in {file} says so: take it away there")
          for client, file in (("uv", "/etc/uv/uv.toml"), ("conda", "/root/.condarc"), ("npm", "/root/.npmrc"))),
        (var("UV_FIND_LINKS"), "uv asks what UV_FIND_LINKS in /root/.bashrc:2 says besides"),
        (key("-", "find-links", "/etc/uv/uv.toml"), "uv asks what find-links in /etc/uv/uv.toml says besides"),
        (key("-", "registry", "/root/.npmrc"), None),
    ],
)  # fmt: skip
def test_what_is_asked_besides_or_not_at_all_is_said(said: Configuration, sentence: str | None) -> None:
    assert beside(ALL, said) == ((sentence,) if sentence else ())


@pytest.mark.parametrize(
    "name",
    ["HF_ENDPOINT", "CONDARC", "CONDA_CHANNELS", "CONDA_DEFAULT_CHANNELS", "CONDA_CUSTOM_CHANNELS", "CONDA_CHANNEL_ALIAS",
     "UV_PYTHON_INSTALL_MIRROR"],
)  # fmt: skip
def test_of_a_client_without_a_mirror_what_others_name_stays(name: str) -> None:
    assert beside(NONE, var(name)) == (f"{name} in /root/.bashrc:2 stays: hosts.yml asks for no mirror there",)
    assert beside(ALL, var(name)) == ()
    assert beside(NONE, var("PIP_EXTRA_INDEX_URL")) == beside(NONE, var("UV_OFFLINE")) == ()


APP = Configuration(
    keys=(SetKey("-", "registry", "/data/app/.npmrc"), SetKey("-", "registry", "/root/.npmrc"),
          SetKey("index", "url", "/data/app/uv.toml"), SetKey("index", "default", "/data/app/uv.toml"),
          SetKey("-", "native-tls", "/data/web/uv.toml"), SetKey("tool.uv.index", "default", "/data/p/pyproject.toml"),
          SetKey("tool.x", "default", "/data/q/pyproject.toml")),
    project_files=frozenset({"/data/app/.npmrc", "/data/app/uv.toml", "/data/web/uv.toml", "/data/p/pyproject.toml",
                             "/data/q/pyproject.toml"}),
)  # fmt: skip
NPM = "npm asks what /data/app/.npmrc says, for whoever works in that folder: it counts before ours"
OF_UV = tuple(f"uv asks what /data/{file} says, for whoever works in that folder: it counts before ours"
              for file in ("app/uv.toml", "p/pyproject.toml"))  # fmt: skip


@pytest.mark.parametrize(
    ("urls", "ours", "sentences"),
    [(ALL, (), (NPM, *OF_UV)), (NONE, (), ()), (ALL, ("NPM_CONFIG_REGISTRY",), OF_UV), (ALL, ("UV_DEFAULT_INDEX",), (NPM,))],
)  # fmt: skip
def test_a_projects_own_file_is_said_where_nothing_of_ours_counts_before_it(urls, ours, sentences) -> None:
    assert of_projects(urls, APP, ours) == sentences


@pytest.mark.parametrize(("file", "section"), [("uv.toml", "-"), ("pyproject.toml", "tool.uv")])
@pytest.mark.parametrize("key", ["index-url", "default"])
def test_each_key_of_a_project_that_names_an_index_is_said(file: str, section: str, key: str) -> None:
    said = Configuration(keys=(SetKey(section, key, f"/p/{file}"),), project_files=frozenset({f"/p/{file}"}))
    assert len(of_projects(ALL, said, ())) == 1


@pytest.mark.parametrize(
    ("kind", "program"),
    [("pypi", "pip"), ("pypi", "pip3"), ("pypi", "uv"), ("conda", "conda"), ("npm", "npm"), ("git", "git")],
)
def test_an_alias_that_stands_for_a_client_with_a_mirror_is_said(kind, program: str) -> None:
    said = Configuration(renamed=(SetVariable(program, "/root/.bashrc", 3), SetVariable("curl", "/root/.bashrc", 4)))
    words = f"{program} is an alias or a function in /root/.bashrc:3: what it says counts before the mirror"
    assert (renamed(ALL, said), renamed({**ALL, kind: None}, said)) == ((words,), ())
