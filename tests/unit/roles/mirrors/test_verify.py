"""What pip and uv and npm print, recorded: pip 23.0.1 of Debian 12. npm is asked here where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.shell_digests import shell

from gpustrap import content
from gpustrap.engine import templates
from gpustrap.resolve.box.configuration import Configuration, SetKey, SetVariable
from roles.mirrors import resolve
from roles.mirrors.verify import UV as QUESTION
from roles.mirrors.verify import pip_index

DEBUG = """\
env_var:
{variable}env:
global:
  /etc/xdg/pip/pip.conf, exists: False
  /etc/pip.conf, exists: True
    {etc}
site:
  /opt/venv/pip.conf, exists: True
    {site}
user:
  /root/.pip/pip.conf, exists: False
  /root/.config/pip/pip.conf, exists: True
    global.index-url: https://ours/simple
    global.timeout: 60
"""


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, ("https://ours/simple", "/root/.config/pip/pip.conf")),
        ({"etc": "global.index-url: https://a/simple"}, ("https://ours/simple", "/root/.config/pip/pip.conf")),
        ({"etc": "install.index-url: https://a/simple"}, ("https://a/simple", "/etc/pip.conf")),
        ({"site": "global.index-url: https://a/simple"}, ("https://a/simple", "/opt/venv/pip.conf")),
        (
            {"variable": "  PIP_INDEX_URL='https://a/simple'\n"},
            ("https://a/simple", "PIP_INDEX_URL in the environment"),
        ),
        ({"variable": "  PIP_EXTRA_INDEX_URL='https://a'\n"}, ("https://ours/simple", "/root/.config/pip/pip.conf")),
    ],
)
def test_the_index_that_counts_and_who_sets_it(given: dict[str, str], found: tuple[str, str]) -> None:
    values = {"variable": "", "etc": "global.cert: /x", "site": "global.cert: /x", **given}
    assert pip_index(DEBUG.format(**values)) == found


def test_without_an_index_it_is_pips_own() -> None:
    assert pip_index("") == ("its own default", "no file sets an index")


def npm(home: Path, **variables: str) -> str:
    program = shutil.which("npm") or pytest.skip("no npm here")
    env = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", **variables}
    done = subprocess.run(
        [program, "config", "get", "registry"], env=env, cwd=home, text=True, capture_output=True, check=True
    )
    return done.stdout.strip()


def test_npm_hears_our_file_and_our_variables_before_others(tmp_path: Path) -> None:
    templates.use_project(content.builtin_root())
    (tmp_path / ".npmrc").write_text(templates.render("mirrors/npmrc.j2", {"registry": "https://ours.lan"}))
    assert npm(tmp_path) == "https://ours.lan"
    assert npm(tmp_path, NPM_CONFIG_REGISTRY="https://theirs.lan") == "https://theirs.lan"
    # What a box sets in one case, we set in both.
    ours = {"NPM_CONFIG_REGISTRY": "https://ours.lan", "npm_config_registry": "https://ours.lan"}
    assert npm(tmp_path, NPM_CONFIG_USERCONFIG="/nowhere", **ours) == "https://ours.lan"


APT, PIP, UV = "apt lists the chosen mirror", "pip asks the chosen mirror", "uv asks the chosen mirror"
CONDA, NPM = "conda asks the chosen mirror", "npm asks the chosen mirror"
GIT, SHELLS = "git fetches through the mirror", "shells have the variables"
OURS = {"pypi": "https://ours.lan/simple", "npm": "https://ours.lan/npm", "conda": "https://ours.lan/conda",
        "git": "https://ours.lan/gh/", "apt": "http://ours.lan/debian"}  # fmt: skip
SAYS = "global:\n  /root/.config/pip/pip.conf, exists: True\n    global.index-url: {}\n"
VENV = SetKey("global", "index-url", "/venv/main/pip.conf")


@pytest.fixture
def box(survey):
    tools = dict.fromkeys(("apt-get", "pip", "npm", "git"), "/x")
    return replace(survey, tools=tools, conda="/opt/conda", configuration=Configuration(keys=(VENV,)))


@pytest.fixture
def chosen(settings, box, context):
    return resolve.choose(settings("mirrors", **OURS), box, context)


def answers(chosen, **other):
    """Those of an instance on which every promise holds, but for the `other` ones."""
    return {
        "apt-get --print-uris": other.get("apt", f"'{OURS['apt']}/dists/bookworm/InRelease' x 0\n"),
        "apt-config dump": other.get("apt_dump", 'Dir::Etc "etc/apt";\nDir::Etc::sourceparts "sources.list.d";\n'),
        "grep -lsiE": "/etc/apt/apt.conf.d/zz-moved\n",
        "/venv/main/bin/pip config debug": other.get("venv", SAYS.format(OURS["pypi"])),
        "pip config debug": other.get("pip", SAYS.format(OURS["pypi"])),
        "which uv": other.get("has_uv", "/usr/bin/uv\n"),
        "uv pip list --show-settings": other.get("uv", f"{OURS['pypi']}\n"),
        "cat ~/.config/uv/uv.toml": other.get("uv_toml", ""),
        "/opt/conda/bin/conda config --show default_channels custom_channels channels offline": other.get(
            "conda", f"default_channels:\n  - {OURS['conda']}/main\n"
        ),
        "npm config get offline": other.get("npm_offline", "false\n"),
        "npm config get registry": other.get("npm", f"{OURS['npm']}/\n"),
        "git ls-remote --get-url https://github.com/a/b": other.get("git", f"{OURS['git']}a/b\n"),
        "insteadof$": "file:/etc/gitconfig\turl.x.insteadof\nfile:/root/.gitconfig\turl.y.insteadof\n",
        "gpustrap-value": other.get("shell", shell(chosen.variables)),
    }


def test_what_every_client_says_is_proved(proved, chosen, box) -> None:
    chosen = replace(chosen, variables={"PIP_INDEX_URL": OURS["pypi"]})
    verdict = proved("mirrors", chosen, answers(chosen), box)
    assert verdict.broken == []
    assert verdict.passed == 12  # apt, two pips, uv, conda, npm, git, five kinds of shell


@pytest.mark.parametrize(
    ("said", "promise", "sentence"),
    [
        ({"apt": "'http://theirs.lan/debian/dists/x' y\n"}, APT,
         "apt asks http://theirs.lan/debian, not http://ours.lan/debian"),
        ({"apt": "'http://theirs.lan/debian/dists/x' y\n", "apt_dump": 'Dir "/";\nDir::Etc "/opt/apt";\n'}, APT,
         "apt asks http://theirs.lan/debian, not http://ours.lan/debian: it reads its sources by `Dir::Etc \"/opt/apt\";`, "
         "in /etc/apt/apt.conf.d/zz-moved"),
        ({"apt": ""}, APT, "apt asks nothing, not http://ours.lan/debian"),
        ({"apt": (0, "E: it goes on\n")}, APT, "apt asks nothing, not http://ours.lan/debian"),
        ({"pip": SAYS.format("https://me:canary@theirs.lan/s")}, PIP,
         "pip asks https://***@theirs.lan/s, not https://ours.lan/simple: /root/.config/pip/pip.conf"),
        ({"venv": ""}, PIP, "/venv/main/bin/pip asks its own default, not https://ours.lan/simple: no file sets an index"),
        ({"uv": "https://theirs.lan\n"}, UV,
         "uv asks https://theirs.lan, not https://ours.lan/simple: UV_INDEX_URL in /etc/environment:2"),
        ({"uv": "", "uv_toml": '[[index]]\nurl = "https://theirs.lan"\n\n[[index]]\nurl = "https://b"\n'}, UV,
         "uv asks https://theirs.lan, not https://ours.lan/simple: UV_INDEX_URL in /etc/environment:2"),
        ({"conda": "channels:\n  - defaults\n"}, CONDA,
         "conda asks channels:   - defaults, not https://ours.lan/conda: CONDARC in /etc/profile.d/c.sh"),
        ({"conda": "default_channels:\n  - https://theirs.lan/main\n"}, CONDA,
         "conda asks https://theirs.lan/main, not https://ours.lan/conda: CONDARC in /etc/profile.d/c.sh"),
        ({"npm": "https://theirs.lan\n"}, NPM,
         "npm asks https://theirs.lan, not https://ours.lan/npm: npm_config_registry in /root/.bashrc:9"),
        ({"git": "https://theirs.lan/a/b\n"}, GIT,
         "git fetches from https://theirs.lan/a/b, not https://ours.lan/gh/: /etc/gitconfig, /root/.gitconfig"),
    ],
)  # fmt: skip
def test_a_client_that_asks_elsewhere_is_told_with_who_sets_it(broken, chosen, box, said, promise, sentence) -> None:
    theirs = (SetVariable("UV_INDEX_URL", "/etc/environment", 2), SetVariable("CONDARC", "/etc/profile.d/c.sh"),
              SetVariable("npm_config_registry", "/root/.bashrc", 9), SetVariable("PATH", "/root/.bashrc", 1))  # fmt: skip
    box = replace(box, configuration=Configuration(variables=theirs, keys=(VENV,)))
    assert broken("mirrors", chosen, answers(chosen, **said), box) == {promise: sentence}


@pytest.mark.parametrize(
    ("name", "promise"),
    [("UV_DEFAULT_INDEX", UV), ("UV_CONFIG_FILE", UV), ("CONDA_CHANNELS", CONDA), ("NPM_CONFIG_REGISTRY", NPM)],
)
def test_each_variable_that_can_win_is_named(broken, chosen, box, name: str, promise: str) -> None:
    box = replace(box, configuration=Configuration(variables=(SetVariable(name, "pid1"),)))
    client = {UV: "uv", CONDA: "conda", NPM: "npm"}[promise]
    found = broken("mirrors", chosen, answers(chosen, **{client: "https://theirs.lan\n"}), box)
    assert found[promise].endswith(f": {name} in the environment of PID 1")


def test_nobody_is_blamed_where_nobody_is_known(broken, chosen, box) -> None:
    found = broken("mirrors", chosen, answers(chosen, npm="https://theirs.lan\n"), box)
    assert found == {NPM: "npm asks https://theirs.lan, not https://ours.lan/npm"}


def test_a_uv_that_tells_no_settings_is_believed_by_its_file(broken, chosen, box) -> None:
    said = answers(chosen, uv="\n", uv_toml=f'[[index]]\nurl = "{OURS["pypi"]}"\ndefault = true\n')
    assert broken("mirrors", chosen, said, box) == {}


@pytest.mark.parametrize("client", ["venv", "pip", "conda"])
def test_a_client_that_does_not_run_promises_nothing(proved, chosen, box, client: str) -> None:
    whole = proved("mirrors", chosen, answers(chosen), box).passed
    verdict = proved("mirrors", chosen, answers(chosen, **{client: (1, "SyntaxError\n")}), box)
    assert (verdict.passed, verdict.broken) == (whole - 1, [])


@pytest.mark.parametrize(
    ("less", "gone"),
    [({"tools": {}}, 3), ({"conda": None}, 1), ({"configuration": Configuration()}, 1), ({}, 0)],
)  # pip, npm and git · conda · the pip of /venv/main · nothing
def test_a_client_that_is_not_there_promises_nothing(proved, chosen, box, less, gone: int) -> None:
    whole = proved("mirrors", chosen, answers(chosen), box).passed
    verdict = proved("mirrors", chosen, answers(chosen), replace(box, **less))
    assert (verdict.passed, verdict.broken) == (whole - gone, [])


def test_without_uv_nothing_is_promised_of_it(proved, chosen, box) -> None:
    whole = proved("mirrors", chosen, answers(chosen), box).passed
    verdict = proved("mirrors", chosen, answers(chosen, has_uv=(1, ""), uv="https://theirs.lan\n"), box)
    assert (verdict.passed, verdict.broken) == (whole - 1, [])


def test_upstream_promises_nothing(proved, settings, box, context) -> None:
    upstream = dict.fromkeys((*OURS, "hf"), "upstream")
    chosen = resolve.choose(settings("mirrors", **upstream), box, context)
    verdict = proved("mirrors", replace(chosen, variables={}), {"": "https://theirs.lan\n"}, box)
    assert (verdict.passed, verdict.broken) == (0, [])
    no_apt = replace(chosen, apt=None, variables={})
    assert proved("mirrors", no_apt, {"": "https://theirs.lan\n"}, box).passed == 0


def test_what_apt_cannot_read_is_told_in_its_own_words(broken, chosen, box) -> None:
    said = "E: Type 'debb' is not known on line 1 in source list /etc/apt/sources.list.d/x.list\nE: The list\n"
    found = broken("mirrors", chosen, answers(chosen, apt=(100, f"W: noise\n{said}")), box)
    assert set(found.values()) == {f"apt cannot read its sources: {said.splitlines()[0].removeprefix('E: ')}"}


def test_a_shell_without_a_variable_names_it(broken, chosen, box) -> None:
    chosen = replace(chosen, variables={"HF_ENDPOINT": "https://ours.lan"}, unset=())
    found = broken("mirrors", chosen, answers(chosen, shell=shell({})), box)
    assert found == {SHELLS: "HF_ENDPOINT is not set in a service"}


def test_the_questions_change_nothing_and_ask_nobody(proved, chosen, box) -> None:
    asked: list[str] = []
    proved("mirrors", chosen, {"": lambda command: asked.append(command) or ""}, box)
    assert "apt-get --print-uris update" in asked
    assert "/opt/venv/bin/pip config debug" not in asked
    assert any("grep -v gpustrap/" in each for each in asked)


# As uv 0.9 prints it.
SETTINGS = """\
    index_locations: IndexLocations {
        indexes: [
            Index {
                url: Url(
                    VerbatimUrl {
                        given: Some(
                            "https://own.lan/simple",
                        ),
                    },
                ),
                default: false,
            },
            Index {
                url: Url(
                    VerbatimUrl {
                        given: Some(
                            "https://ours.lan/simple",
                        ),
                    },
                ),
                default: true,
            },
        ],
        flat_index: [],
        given: Some(
            "https://later.lan",
        ),
        default: true,
"""


def test_uvs_settings_are_read_at_the_default_index(tmp_path: Path) -> None:
    (tmp_path / "settings").write_text(SETTINGS)
    (tmp_path / "uv").write_text('#!/bin/sh\n[ "$*" = "pip list --show-settings" ] && cat "${0%uv}settings"\n')
    (tmp_path / "uv").chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(["sh", "-c", QUESTION], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "https://ours.lan/simple\n"


@pytest.mark.parametrize(
    ("key", "said", "found"),
    [
        (("no-index", "/etc/uv/uv.toml"), {"uv": f"no-index\n{OURS['pypi']}\n"},
         {UV: "uv asks nobody, not https://ours.lan/simple: no-index in /etc/uv/uv.toml"}),
        (("x", "/x"), {"uv": f"offline\n{OURS['pypi']}\n"},
         {UV: "uv asks nobody, not https://ours.lan/simple: offline"}),
        (("x", "/x"), {"uv": f"offline\n{OURS['pypi']}\nno-index\n"},
         {UV: "uv asks nobody, not https://ours.lan/simple: offline no-index"}),
        (("x", "/x"), {"conda": f"custom_channels:\n  conda-forge: {OURS['conda']}/cloud\nchannels:\n  - conda-forge\n"}, {}),
        (("offline", "/root/.condarc"), {"conda": f"default_channels:\n  - {OURS['conda']}/main\noffline: True\n"},
         {CONDA: "conda asks nobody, not https://ours.lan/conda: offline in /root/.condarc"}),
        (("offline", "/root/.npmrc"), {"npm_offline": "true\n"},
         {NPM: "npm asks nobody, not https://ours.lan/npm: offline in /root/.npmrc"}),
        (("offline", "/root/.npmrc"), {}, {}),
        (("x", "/x"), {"npm_offline": "true\n"}, {}),
    ],
)  # fmt: skip
def test_a_client_that_is_kept_from_asking_asks_nobody(broken, chosen, box, key, said, found) -> None:
    box = replace(box, configuration=Configuration(keys=(VENV, SetKey("-", *key))))
    assert broken("mirrors", chosen, answers(chosen, **said), box) == found


@pytest.mark.parametrize(
    ("names", "said", "promise", "client"),
    [
        (("CONDA_OFFLINE",), {"conda": "offline: True\n"}, CONDA, "conda"),
        (("NPM_CONFIG_OFFLINE",), {"npm_offline": "true\n"}, NPM, "npm"),
        (("npm_config_offline",), {"npm_offline": "true\n"}, NPM, "npm"),
        (("UV_OFFLINE", "UV_NO_INDEX"), {"uv": "offline\nno-index\n"}, UV, "uv"),
    ],
)
def test_the_variables_that_keep_a_client_from_asking_are_named(
    broken, chosen, box, names, said, promise, client
) -> None:
    box = replace(box, configuration=Configuration(tuple(SetVariable(name, "pid1") for name in names)))
    ours = OURS["pypi"] if client == "uv" else OURS[client]
    who = ", ".join(f"{name} in the environment of PID 1" for name in names)
    assert broken("mirrors", chosen, answers(chosen, **said), box) == {
        promise: f"{client} asks nobody, not {ours}: {who}"
    }


@pytest.mark.parametrize(
    ("ending", "said", "promise"),
    [("condarc", {"conda": "offline: True\n"}, CONDA), ("npmrc", {"npm_offline": "true\n"}, NPM)],
)
def test_each_file_with_the_key_that_keeps_a_client_from_asking_is_named(
    broken, chosen, box, ending, said, promise
) -> None:
    keys = (SetKey("-", key, f"{folder}/.{ending}") for key in ("offline", "other") for folder in ("/root", "/data"))
    box = replace(box, configuration=Configuration(keys=(*keys, SetKey("-", "offline", "/root/.otherrc"))))
    found = broken("mirrors", chosen, answers(chosen, **said), box)
    assert found[promise].endswith(f": offline in /root/.{ending}, offline in /data/.{ending}")


DUMP = 'Dir::Etc "/a";\nDir::Etc::main "x";\ndir::etc::sourcelist "b";\nDir::Etc::sourceparts "sources.list.d";\n'


def test_each_file_of_others_is_named_in_order(broken, chosen, box) -> None:
    files = [f"/etc/{name}" for name in "hgfedcba"]
    said = answers(chosen, apt="'http://theirs.lan/debian/dists/x' y\n", apt_dump=DUMP, git="x\n")
    said |= {"grep -lsiE": "\n".join(files), "insteadof$": "".join(f"file:{file}\turl.x.insteadof\n" for file in files)}
    found = broken("mirrors", chosen, said, box)
    moved = 'Dir::Etc "/a"; dir::etc::sourcelist "b";'
    assert found[APT].endswith(f"by `{moved}`, in {', '.join(files)}")
    assert found[GIT].endswith(f": {', '.join(sorted(files))}")


def test_what_keeps_uv_from_asking_is_read_in_its_settings(tmp_path: Path) -> None:
    kept = SETTINGS.replace("index_locations", "connectivity: Offline,\n    index_locations", 1)
    (tmp_path / "settings").write_text(kept.replace("flat_index: [],", "flat_index: [],\n        no_index: true,"))
    (tmp_path / "uv").write_text('#!/bin/sh\ncat "${0%uv}settings"\n')
    (tmp_path / "uv").chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(["sh", "-c", QUESTION], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["offline", "https://ours.lan/simple", "no-index"]


def test_each_client_is_asked_in_its_own_words(proved, chosen, box) -> None:
    asked: list[str] = []
    offline = SetKey("-", "offline", "/root/.npmrc")
    box = replace(box, configuration=Configuration(keys=(VENV, offline)))
    proved("mirrors", replace(chosen, variables={}), {"": lambda command: asked.append(command) or ""}, box)
    assert {*asked} >= {
        "apt-get --print-uris update", "pip config debug", "/venv/main/bin/pip config debug", QUESTION,
        "command -v command", "command -v uv", "apt-config dump", "npm config get offline",
        "grep -lsiE '^[^#/]*Dir(::| *[{]).*Etc' $APT_CONFIG /etc/apt/apt.conf /etc/apt/apt.conf.d/*",
        "cat ~/.config/uv/uv.toml", "npm config get registry", "git ls-remote --get-url https://github.com/a/b",
        "/opt/conda/bin/conda config --show default_channels custom_channels channels offline",
        "git config --includes --show-origin --name-only --get-regexp 'insteadof$' | grep -v gpustrap/",
    }  # fmt: skip


def test_several_who_set_it_are_told_and_a_password_of_either_side_is_not(broken, chosen, box) -> None:
    theirs = tuple(SetVariable(name, "pid1") for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"))
    box = replace(box, configuration=Configuration(variables=theirs))
    chosen = replace(chosen, pypi="https://me:canary@ours.lan/simple")
    found = broken("mirrors", chosen, answers(chosen, uv="https://you:canary@theirs.lan\n", pip=(1, "")), box)
    assert found == {
        UV: "uv asks https://***@theirs.lan, not https://***@ours.lan/simple: UV_DEFAULT_INDEX in the environment of "
        "PID 1, UV_INDEX_URL in the environment of PID 1"
    }


@pytest.mark.parametrize(
    ("kinds", "file"),
    [(("global", "user"), "/user"), (("user", "global"), "/user"), (("user", "site"), "/site"), (("site", "user"), "/site"),
     (("site", "env"), "/env"), (("env", "site"), "/env"), (("other", "user"), "/user"), (("user", "other"), "/user")],
)  # fmt: skip
def test_of_two_files_the_later_kind_counts(kinds: tuple[str, ...], file: str) -> None:
    said = "".join(f"{kind}:\n  /{kind}, exists: True\n    global.index-url: https://{kind}\n" for kind in kinds)
    assert pip_index(said) == (f"https://{file[1:]}", file)


def test_a_key_above_all_files_has_none() -> None:
    assert pip_index("  global.index-url: https://a\n") == ("https://a", "")


def test_a_pip_whose_python_hangs_is_not_asked(proved, chosen, box) -> None:
    asked: list[str] = []
    said = {"config debug": lambda command: asked.append(command) or "", **answers(chosen)}
    assert proved("mirrors", chosen, said, replace(box, hangs=("python3",))).broken == []
    assert asked == []


@pytest.mark.parametrize(("other", "file"), [("zzz", "/user"), ("user", "/user")])
def test_a_kind_of_file_that_pip_has_none_of_counts_for_nothing(other: str, file: str) -> None:
    said = "".join(
        f"{kind}:\n  /{kind}, exists: True\n    global.index-url: https://{url}\n"
        for kind, url in (("user", "a"), (other, "a"), ("global", "z"))
    )
    assert pip_index(said) == ("https://a", file)


def test_an_index_of_a_kind_that_nobody_knows_loses_to_the_users_own() -> None:
    said = "user:\n  /u, exists: True\n    global.index-url: https://a\nzzz:\n  /z, exists: True\n    global.index-url: https://z\n"
    assert pip_index(said) == ("https://a", "/u")


def test_a_channel_of_conda_that_others_set_is_told_with_its_file(broken, chosen, box) -> None:
    keys = (SetKey("-", "custom_channels", "/root/.condarc"), SetKey("-", "ssl_verify", "/root/.condarc"),
            SetKey("-", "default_channels", "/x/condarc"))  # fmt: skip
    said = f"custom_channels:\n  conda-forge: https://theirs.lan\ndefault_channels:\n  - {OURS['conda']}/main\n"
    found = broken("mirrors", chosen, answers(chosen, conda=said), replace(box, configuration=Configuration(keys=keys)))
    assert found == {
        CONDA: "conda asks https://theirs.lan, not https://ours.lan/conda: custom_channels in /root/.condarc, "
        "default_channels in /x/condarc"
    }


def test_of_the_address_that_npm_tells_only_slashes_at_its_end_go(proved, settings, box, context) -> None:
    chosen = resolve.choose(settings("mirrors", **{**OURS, "npm": "https://ours.lan/X"}), box, context)
    assert proved("mirrors", chosen, answers(chosen, npm="https://ours.lan/X/\n"), box).broken == []


def test_a_system_without_apt_promises_nothing_of_it(proved, chosen, box) -> None:
    assert proved("mirrors", replace(chosen, apt=None), answers(chosen), box).broken == []


def test_a_pip_that_cannot_read_its_settings_says_what_it_cannot_read(broken, chosen, box) -> None:
    said = (
        "WARNING: first\nERROR: Configuration file could not be loaded.\n"
        "  File contains no section headers.\n    file: '/etc/pip.conf', line: 1 http://me:canary@h/\nmore\n"
    )
    found = broken("mirrors", chosen, answers(chosen, pip=(1, said)), box)
    assert found == {
        PIP: "pip cannot read its settings: File contains no section headers. file: '/etc/pip.conf', line: 1 http://***@h/"
    }


def test_without_a_variable_no_shell_is_asked(proved, chosen, box) -> None:
    asked: list[str] = []
    said = {"gpustrap-value": lambda command: asked.append(command) or "", **answers(chosen)}
    proved("mirrors", replace(chosen, variables={}, unset=()), said, box)
    assert asked == []


def test_a_client_that_is_not_there_has_nothing_to_ask(broken, chosen, box) -> None:
    wrong = answers(chosen, npm="https://theirs.lan\n", git="https://github.com/a/b\n")
    assert {NPM, GIT} <= broken("mirrors", chosen, wrong, box).keys()
    assert not {NPM, GIT} & broken("mirrors", chosen, wrong, replace(box, tools={})).keys()
    upstream = replace(chosen, npm=None, git=None)
    assert not {NPM, GIT} & broken("mirrors", upstream, wrong, box).keys()
