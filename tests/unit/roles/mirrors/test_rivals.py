from __future__ import annotations

from dataclasses import replace

import pytest

from gpustrap.resolve.box.configuration import Configuration, GitRule, SetKey, SetVariable
from gpustrap.resolve.context import Context
from roles.mirrors import resolve, rivals

INDEX, HTTP, NPM = "https://m.lan/simple", "http://m.lan:81/simple", "https://r.lan"
GITHUB = "https://github.com/"
REWRITE = "url.https://other.lan/.insteadof"


def var(name: str, place: str = "pid1", line: int = 0) -> SetVariable:
    return SetVariable(name, place, line)


@pytest.mark.parametrize(
    ("found", "variables"),
    [
        ({}, {}),
        ({"variables": (var("PIP_INDEX_URL"),)}, {"PIP_INDEX_URL": INDEX}),
        ({"variables": (var("PIP_EXTRA_INDEX_URL"),)}, {}),
        ({"variables": (var("PIP_CONFIG_FILE"),)}, {"PIP_INDEX_URL": INDEX}),
        (
            {"variables": (var("XDG_CONFIG_HOME", "/root/.bashrc", 1),)},
            {"PIP_INDEX_URL": INDEX, "UV_DEFAULT_INDEX": INDEX},
        ),
        ({"variables": (var("PIP_NO_INDEX"),)}, {"PIP_NO_INDEX": "0"}),
        ({"variables": (var("UV_INDEX_URL"),)}, {"UV_DEFAULT_INDEX": INDEX}),
        ({"variables": (var("UV_DEFAULT_INDEX"),)}, {"UV_DEFAULT_INDEX": INDEX}),
        ({"variables": (var("UV_NO_INDEX"),)}, {"UV_NO_INDEX": "0"}),
        ({"variables": (var("npm_config_registry"),)}, {"NPM_CONFIG_REGISTRY": NPM, "npm_config_registry": NPM}),
        ({"variables": (var("NPM_CONFIG_REGISTRY"),)}, {"NPM_CONFIG_REGISTRY": NPM, "npm_config_registry": NPM}),
        ({"variables": (var("HF_ENDPOINT"), var("HTTP_PROXY"))}, {}),
        ({"ours": frozenset({"PIP_INDEX_URL", "HF_ENDPOINT"})}, {"PIP_INDEX_URL": INDEX}),
        ({"keys": (SetKey("global", "index-url", "/opt/venv/pip.conf"),)}, {"PIP_INDEX_URL": INDEX}),
        ({"keys": (SetKey("global", "index_url", "/venv/main/pip.conf"),)}, {"PIP_INDEX_URL": INDEX}),
        ({"keys": (SetKey("install", "index-url", "/etc/pip.conf"),)}, {"PIP_INDEX_URL": INDEX}),
        ({"keys": (SetKey("install", "index_url", "/root/.config/pip/pip.conf"),)}, {"PIP_INDEX_URL": INDEX}),
        ({"keys": (SetKey("global", "index-url", "/etc/pip.conf"),)}, {}),
        ({"keys": (SetKey("global", "index-url", "/root/.pip/pip.conf"),)}, {}),
        ({"keys": (SetKey("global", "index-url", "/root/.config/pip/pip.conf"),)}, {}),
        ({"keys": (SetKey("-", "index-url", "/root/.config/pip/pip.conf"),)}, {}),
        ({"keys": (SetKey("list", "index-url", "/etc/pip.conf"),)}, {}),
        ({"keys": (SetKey("global", "no-index", "/etc/pip.conf"),)}, {"PIP_NO_INDEX": "0"}),
        ({"keys": (SetKey("pip", "index-url", "/root/.config/uv/uv.toml"),)}, {"UV_DEFAULT_INDEX": INDEX}),
        ({"keys": (SetKey("index", "url", "/root/.config/uv/uv.toml"),)}, {}),
        ({"keys": (SetKey("-", "registry", "/root/.npmrc"),)}, {}),
    ],
)
def test_a_variable_is_set_where_something_counts_before_our_file(found, variables: dict[str, str]) -> None:
    said = Configuration(**found)
    given, reasons = rivals.variables_of(INDEX, NPM, said)
    assert given == variables
    assert len(reasons) == len(variables)
    assert rivals.variables_of(None, None, said)[0] == {}


def test_upstream_leaves_what_others_set_and_says_so() -> None:
    said = Configuration((var("UV_INDEX_URL", "/root/.bashrc", 2), var("npm_config_registry"), var("XDG_CONFIG_HOME")))
    assert rivals.variables_of(None, None, said) == (
        {},
        (
            "UV_INDEX_URL in /root/.bashrc:2 stays: hosts.yml asks for no mirror there",
            "npm_config_registry in the environment of PID 1 stays: hosts.yml asks for no mirror there",
        ),
    )
    assert rivals.variables_of(INDEX, NPM, Configuration()) == ({}, ())


def test_the_reason_names_each_place_once_and_how_many_more() -> None:
    places = ("/etc/environment", "/root/.bashrc", "/root/.bashrc", "pid1", "/root/.profile", "/root/.zshrc")
    said = Configuration(tuple(var("PIP_INDEX_URL", place, line) for line, place in enumerate(places, 1)))
    assert rivals.variables_of(INDEX, None, said)[1] == (
        "PIP_INDEX_URL is set in every shell, because of PIP_INDEX_URL in /etc/environment:1, PIP_INDEX_URL in "
        "/root/.bashrc:2, PIP_INDEX_URL in the environment of PID 1, PIP_INDEX_URL in /root/.profile:5 and 1 more",
    )


def test_an_index_without_https_is_trusted_where_our_file_may_not_be_read() -> None:
    said = Configuration((var("XDG_CONFIG_HOME"),), trusted_hosts=("b.lan",))
    assert rivals.variables_of(HTTP, None, said)[0]["PIP_TRUSTED_HOST"] == "b.lan m.lan:81"
    assert "PIP_TRUSTED_HOST" not in rivals.variables_of(INDEX, None, said)[0]


@pytest.mark.parametrize(
    ("rules", "files", "reason"),
    [
        ((), ("/root/.gitconfig",), None),
        ((GitRule("/root/.gitconfig", REWRITE, GITHUB),), ("/root/.gitconfig",),
         "the mirror counts before `insteadOf = https://github.com/` in /root/.gitconfig"),
        ((GitRule("/etc/gitconfig", REWRITE, GITHUB),), ("/root/.gitconfig", "/etc/gitconfig"),
         "the mirror counts before `insteadOf = https://github.com/` in /etc/gitconfig"),
        ((GitRule("/root/.config/git/config", REWRITE, GITHUB),), ("/root/.gitconfig", "/root/.config/git/config"),
         "the mirror counts before `insteadOf = https://github.com/` in /root/.config/git/config"),
        ((GitRule("/etc/gitconfig", REWRITE, "https://github.com/me/"),), ("/root/.gitconfig",),
         "`insteadOf = https://github.com/me/` in /etc/gitconfig stays for what begins with https://github.com/me/"),
        ((GitRule("/etc/gitconfig", REWRITE, "https://"),), ("/root/.gitconfig",), None),
        ((GitRule("/etc/gitconfig", "url.x.pushinsteadof", GITHUB),), ("/root/.gitconfig",), None),
        ((GitRule("command line:", REWRITE, GITHUB),), ("/root/.gitconfig",), None),
    ],
)  # fmt: skip
def test_gits_rules_of_others_meet_ours_on_the_same_floor(settings, survey, rules, files, reason) -> None:
    box = replace(survey, configuration=Configuration(git_rules=rules))
    chosen = resolve.choose(settings("mirrors", git="https://m.lan/"), box, Context("x", "global"))
    assert tuple(file.dest for file in chosen.files.git[1:] if file.src) == files
    assert all(file.top and file.block for file in chosen.files.git[1:] if file.src)
    assert reason is None or reason in chosen.reasons


def test_another_global_file_of_gits_is_named_and_gets_the_rules_by_the_systems_file(settings, survey) -> None:
    box = replace(survey, configuration=Configuration((var("GIT_CONFIG_GLOBAL", "/etc/environment", 1),)))
    chosen = resolve.choose(settings("mirrors", git="https://m.lan/"), box, Context("x", "global"))
    assert "/etc/gitconfig" in [file.dest for file in chosen.files.git if file.src]
    assert "git reads another file than ~/.gitconfig: GIT_CONFIG_GLOBAL in /etc/environment:1" in chosen.reasons


@pytest.mark.parametrize(
    ("found", "reasons"),
    [
        ({}, ()),
        ({"conda_forge": True}, ("conda gets no channel `defaults`: this one asks conda-forge only",)),
        (
            {"variables": (var("CONDARC", "/root/.bashrc", 1),)},
            ("conda hears CONDARC in /root/.bashrc:1 before the mirror: take it away, or write conda: upstream",),
        ),
        ({"variables": (var("CONDA_PREFIX"), var("CONDA_DEFAULT_ENV"))}, ()),
    ],
)
def test_what_conda_hears_before_the_mirror_is_said(found, reasons: tuple[str, ...]) -> None:
    assert rivals.of_conda("https://m.lan", Configuration(**found)) == reasons
    assert rivals.of_conda(None, Configuration(**found)) == ()


@pytest.mark.parametrize(
    ("pypi", "npm", "variables", "names"),
    [
        (None, None, {}, ()),
        (INDEX, None, {}, ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL")),
        (INDEX, None, {"PIP_INDEX_URL": INDEX}, ("UV_DEFAULT_INDEX", "UV_INDEX_URL")),
        (INDEX, None, {"UV_DEFAULT_INDEX": INDEX}, ("PIP_INDEX_URL",)),
        (None, NPM, {}, ("NPM_CONFIG_REGISTRY", "npm_config_registry")),
        (None, NPM, {"NPM_CONFIG_REGISTRY": NPM, "npm_config_registry": NPM}, ()),
    ],
)
def test_where_our_file_counts_no_shell_may_have_a_variable(pypi, npm, variables, names) -> None:
    assert rivals.unset(pypi, npm, variables) == names


@pytest.mark.parametrize(
    ("file", "key", "also"),
    [
        ("/opt/conda/.condarc", "custom_channels", True),
        ("/root/site.condarc", "default_channels", True),
        ("/opt/conda/.condarc", "channels", False),
        ("/root/.condarc", "custom_channels", False),
        ("/etc/conda/.condarc", "custom_channels", False),
        ("/root/.config/conda/.condarc", "custom_channels", False),
        ("/root/.conda/.condarc", "default_channels", False),
    ],
)
def test_condas_files_that_count_after_ours_get_the_mirror_too_and_are_given_back(
    settings, survey, file, key, also
) -> None:
    box = replace(survey, configuration=Configuration(keys=(SetKey("-", key, file),)))
    for conda in ("https://m.lan/c", "upstream"):
        chosen = resolve.choose(settings("mirrors", conda=conda), box, Context("x", "global"))
        found = {one.dest: one.src for one in chosen.files.conda}
        assert set(found) == {"/root/.condarc", *([file] if also else [])}
        said = f"conda reads {file} after ~/.condarc, so the mirror is set there too"
        assert (said in chosen.reasons) == (also and conda != "upstream")
        assert set(found.values()) == {None if conda == "upstream" else "mirrors/condarc.j2"}


def test_a_file_that_gits_own_includes_gets_the_rules_and_is_given_back(settings, survey) -> None:
    box = replace(survey, configuration=Configuration(git_rules=(GitRule("/opt/site/git", REWRITE, GITHUB),)))
    for git, src in (("https://m.lan/", "git-include.j2"), ("upstream", None)):
        chosen = resolve.choose(settings("mirrors", git=git), box, Context("x", "global"))
        assert {file.dest: file.src for file in chosen.files.git}["/opt/site/git"] == src


@pytest.mark.parametrize(
    "name", ["CONDA_CHANNELS", "CONDA_DEFAULT_CHANNELS", "CONDA_CUSTOM_CHANNELS", "CONDA_CHANNEL_ALIAS", "CONDARC"]
)
def test_each_variable_that_conda_hears_before_is_told(name: str) -> None:
    said = "conda hears {} in the environment of PID 1 before the mirror: take it away, or write conda: upstream"
    assert rivals.of_conda("https://c.lan", Configuration((var(name),))) == (said.format(name),)
    assert rivals.of_conda(None, Configuration((var(name),))) == ()


@pytest.mark.parametrize(
    "name", ["NPM_CONFIG_REGISTRY", "npm_config_registry", "NPM_CONFIG_USERCONFIG", "npm_config_userconfig"]
)
def test_each_variable_that_npm_hears_before_is_overruled(name: str) -> None:
    given, reasons = rivals.variables_of(None, NPM, Configuration((var(name),)))
    assert given == {"NPM_CONFIG_REGISTRY": NPM, "npm_config_registry": NPM}
    assert reasons == tuple(
        f"{each} is set in every shell, because of {name} in the environment of PID 1" for each in given
    )


@pytest.mark.parametrize(
    "name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE", "UV_NO_CONFIG", "XDG_CONFIG_HOME"]
)
def test_each_variable_that_uv_hears_before_is_overruled(name: str) -> None:
    assert rivals.variables_of(INDEX, None, Configuration((var(name),)))[0]["UV_DEFAULT_INDEX"] == INDEX


@pytest.mark.parametrize("section", ["install", "download", "wheel", "index", "lock"])
@pytest.mark.parametrize(
    "file", ["/etc/pip.conf", "/etc/xdg/pip/pip.conf", "/root/.pip/pip.conf", "/opt/venv/pip.conf"]
)
def test_a_section_of_a_command_counts_before_ours_in_every_file(section: str, file: str) -> None:
    said = Configuration(keys=(SetKey(section, "index-url", file),))
    given, reasons = rivals.variables_of(INDEX, None, said)
    assert given == {"PIP_INDEX_URL": INDEX}
    assert reasons == (f"PIP_INDEX_URL is set in every shell, because of index-url in {file} [{section}]",)


@pytest.mark.parametrize(
    "key",
    [SetKey("global", "index-url", "/etc/npmrc"), SetKey("global", "index-url", "/etc/xdg/pip/pip.conf"),
     SetKey("-", "index-url", "/root/.config/uv/uv.toml"), SetKey("pip", "index-url", "/etc/other.toml"),
     SetKey("pip", "extra-index-url", "/root/.config/uv/uv.toml"), SetKey("install", "timeout", "/etc/pip.conf")],
)  # fmt: skip
def test_a_key_that_does_not_count_before_ours_is_nobodys_concern(key: SetKey) -> None:
    assert rivals.variables_of(INDEX, None, Configuration(keys=(key,))) == ({}, ())


@pytest.mark.parametrize("name", ["PIP_CONFIG_FILE", "PIP_TRUSTED_HOST", "XDG_CONFIG_HOME"])
def test_whoever_hides_our_trusted_hosts_is_overruled_without_a_password(name: str) -> None:
    said = Configuration((var(name),), trusted_hosts=("own.lan", "m.lan:81"))
    given, _ = rivals.variables_of("http://me:pw@m.lan:81/simple", None, said)
    assert given["PIP_TRUSTED_HOST"] == "own.lan m.lan:81"


def test_what_we_had_to_set_stays_and_a_key_without_a_section_has_none() -> None:
    said = Configuration(keys=(SetKey("-", "no-index", "/x/pip.conf"),), ours=frozenset({"PIP_INDEX_URL"}))
    assert rivals.variables_of(INDEX, None, said) == (
        {"PIP_INDEX_URL": INDEX}, ("PIP_INDEX_URL is set in every shell, as it had to be before",),
    )  # fmt: skip
    assert rivals._key(SetKey("-", "index-url", "/x")) == "index-url in /x"


@pytest.mark.parametrize(
    ("rule", "files", "reasons"),
    [
        (GitRule("/root/.config/git/config", REWRITE, GITHUB), ("/root/.gitconfig", "/root/.config/git/config"),
         (f"the mirror counts before `insteadOf = {GITHUB}` in /root/.config/git/config",)),
        (GitRule("/etc/gitconfig", REWRITE, f"{GITHUB}me/"), ("/root/.gitconfig",),
         (f"`insteadOf = {GITHUB}me/` in /etc/gitconfig stays for what begins with {GITHUB}me/",)),
        (GitRule("/etc/gitconfig", REWRITE, "https://gitlab.com/"), ("/root/.gitconfig",), ()),
        (GitRule("command line:", REWRITE, GITHUB), ("/root/.gitconfig",), ()),
        (GitRule("/etc/gitconfig", "url.x.pushinsteadof", GITHUB), ("/root/.gitconfig",), ()),
        (GitRule("/etc/gitconfig", "http.proxy", GITHUB), ("/root/.gitconfig",), ()),
    ],
)  # fmt: skip
def test_our_rules_stand_wherever_an_equal_one_does(survey, rule, files, reasons) -> None:
    box = replace(survey, configuration=Configuration(git_rules=(rule,)))
    assert rivals.of_git("https://gh.lan/", box) == (files, reasons)
    assert rivals.of_git(None, box) == ((), ())


@pytest.mark.parametrize("named", ["", "/opt/git"])
def test_a_git_that_is_sent_to_another_file_is_told_there_or_in_the_systems(survey, named: str) -> None:
    found = Configuration((SetVariable("GIT_CONFIG_GLOBAL", "/root/.bashrc", 1),), git_global=named)
    assert rivals.of_git("https://gh.lan/", replace(survey, configuration=found)) == (
        ("/root/.gitconfig", named or "/etc/gitconfig"),
        ("git reads another file than ~/.gitconfig: GIT_CONFIG_GLOBAL in /root/.bashrc:1",),
    )


@pytest.mark.parametrize(
    "name", ["CONDA_CHANNELS", "CONDA_DEFAULT_CHANNELS", "CONDA_CUSTOM_CHANNELS", "CONDA_CHANNEL_ALIAS", "CONDARC"]
)
def test_each_variable_that_conda_hears_before_is_said(name: str) -> None:
    said = rivals.of_conda("https://c.lan", Configuration((SetVariable(name, "pid1"),)))
    assert said == (
        f"conda hears {name} in the environment of PID 1 before the mirror: take it away, or write conda: upstream",
    )


@pytest.mark.parametrize("key", ["default_channels", "custom_channels"])
def test_a_file_of_condas_with_channels_of_its_own_gets_the_mirror_too(survey, key: str) -> None:
    keys = (SetKey("-", key, "/opt/late/.condarc"), SetKey("-", "ssl_verify", "/opt/other/.condarc"))
    assert rivals.conda_files(replace(survey, configuration=Configuration(keys=keys))) == ("/opt/late/.condarc",)


def test_git_looks_for_its_rules_in_three_places(survey) -> None:
    assert rivals.git_places(survey) == ("/root/.gitconfig", "/etc/gitconfig", "/root/.config/git/config")


def test_a_condarc_that_gets_the_mirror_too_is_not_said_to_win_by_its_variable(survey) -> None:
    keys = (SetKey("-", "default_channels", "/opt/late/.condarc"),)
    variables = (SetVariable("CONDARC", "pid1"), SetVariable("CONDA_CHANNELS", "pid1"))
    box = replace(survey, configuration=Configuration(variables=variables, keys=keys))
    said = rivals.of_condas_files("https://m", box)
    if rivals.conda_files(box):
        assert not any("CONDARC" in line for line in said) and any("CONDA_CHANNELS" in line for line in said)
        box = replace(box, configuration=Configuration(variables=variables[:1], keys=keys))
        assert len(rivals.of_condas_files("https://m", box)) == len(rivals.conda_files(box))
    else:
        raise AssertionError("no file of conda's is late here")
