from __future__ import annotations

import configparser
import shutil
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from gpustrap import content
from gpustrap.catalog.mirrors import load_mirrors
from gpustrap.engine import templates
from gpustrap.errors import InstanceFailed
from gpustrap.resolve.box.configuration import Configuration, SetVariable
from gpustrap.resolve.context import Context
from roles.mirrors import places, resolve
from roles.mirrors.resolve import Mirrors

CN, GLOBAL, AUTO = (Context("trainer", region) for region in ("cn", "global", "auto"))
TUNA = "http://mirrors.tuna.tsinghua.edu.cn"
KINDS = ("pypi", "conda", "npm", "hf", "python_build", "git")
DEB822 = "Types: deb\nURIs: http://any.lan/{0}\nSuites: {1} {1}-updates\nComponents: main contrib\n"
BULLSEYE = {
    "os_version": "11",
    "os_codename": "bullseye",
    "apt_texts": {"/etc/apt/sources.list": "deb http://any.lan/debian bullseye main\n"},
}
NOBLE = {
    "os_id": "ubuntu",
    "os_version": "24.04",
    "os_codename": "noble",
    "apt_texts": {"/etc/apt/sources.list.d/ubuntu.sources": DEB822.format("ubuntu", "noble")},
}
CUDA = "deb https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64 /\n"
JAMMY = {
    "os_id": "ubuntu",
    "os_version": "22.04",
    "os_codename": "jammy",
    "apt_texts": {
        "/etc/apt/sources.list": "deb http://any.lan/ubuntu jammy main universe\n",
        "/etc/apt/sources.list.d/cuda.list": CUDA,
    },
}
BOOKWORM = {"apt_texts": {"/etc/apt/sources.list.d/debian.sources": DEB822.format("debian", "bookworm")}}


@pytest.fixture(autouse=True)
def builtin_templates() -> None:
    templates.use_project(content.builtin_root())


def urls(chosen: Mirrors) -> dict[str, str | None]:
    return {kind: getattr(chosen, kind) for kind in KINDS}


def test_in_china_each_client_asks_the_first_mirror_of_the_catalog(settings, survey) -> None:
    chosen = resolve.choose(settings("mirrors"), survey, CN)
    assert urls(chosen) == {
        "pypi": "https://pypi.tuna.tsinghua.edu.cn/simple",
        "conda": "https://mirrors.bfsu.edu.cn/anaconda",
        "npm": "https://registry.npmmirror.com",
        "hf": "https://hf-mirror.com",
        "python_build": "https://mirror.nju.edu.cn/github-release/astral-sh/python-build-standalone",
        "git": None,
    }
    assert chosen.apt is not None and chosen.apt.url == f"{TUNA}/debian"


def test_every_choice_is_a_sentence(settings, survey) -> None:
    assert resolve.choose(settings("mirrors"), replace(survey, **BOOKWORM), CN).reasons == (
        "apt asks http://mirrors.tuna.tsinghua.edu.cn/debian: hosts.yml says region: cn",
        "pip and uv ask TUNA (https://pypi.tuna.tsinghua.edu.cn/simple): hosts.yml says region: cn",
        "conda asks BFSU (https://mirrors.bfsu.edu.cn/anaconda): hosts.yml says region: cn",
        "npm asks npmmirror (https://registry.npmmirror.com): hosts.yml says region: cn",
        "Hugging Face's clients ask hf-mirror (https://hf-mirror.com): hosts.yml says region: cn",
        "uv fetches Pythons from NJU (https://mirror.nju.edu.cn/github-release/astral-sh/python-build-standalone): "
        "hosts.yml says region: cn",
        "git fetches GitHub's repositories from upstream: a mirror of GitHub sees what is fetched, so it is used only "
        "where hosts.yml names one",
        "no token was found; Hugging Face's clients send none to the mirror, and gated models need "
        "mirrors.hf_token_to_mirror: true or hf: upstream",
        "Hugging Face's Xet is off: its transfers would go past the mirror; without it the client refuses files over "
        "50 GB (xet: on allows them)",
    )


def test_elsewhere_each_client_keeps_its_own_default(settings, survey) -> None:
    chosen = resolve.choose(settings("mirrors"), replace(survey, **BOOKWORM), GLOBAL)
    assert set(urls(chosen).values()) == {None}
    assert (dict(chosen.variables), chosen.hosts) == ({}, ())
    assert chosen.reasons[:2] == (
        "apt asks upstream, as the image has it: hosts.yml says region: global",
        "pip and uv ask upstream: hosts.yml says region: global",
    )
    wanted = [file for name in ("apt", "pypi", "conda", "npm", "git") for file in getattr(chosen.files, name)]
    assert {file.src for file in wanted} == {None}
    assert "/etc/apt/sources.list.d/debian.sources" in [file.dest for file in wanted]


def test_region_auto_follows_the_provider(settings, survey) -> None:
    rented = replace(survey, provider="gpushare", provider_reason="/hy-tmp exists")
    reason = "Hugging Face's clients ask hf-mirror (https://hf-mirror.com): gpushare (恒源云) rents in China (/hy-tmp exists)"
    assert reason in resolve.choose(settings("mirrors"), rented, AUTO).reasons
    assert resolve.choose(settings("mirrors"), survey, AUTO).hf is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("context", [CN, GLOBAL], ids=["cn", "global"])
def test_upstream_and_a_url_count_in_every_region(settings, survey, kind: str, context: Context) -> None:
    upstream = resolve.choose(settings("mirrors", **{kind: "upstream"}), survey, context)
    assert getattr(upstream, kind) is None
    own = resolve.choose(settings("mirrors", **{kind: "http://my.lan:81/x/"}), survey, context)
    assert getattr(own, kind) == ("http://my.lan:81/x/" if kind == "git" else "http://my.lan:81/x")
    assert any(f" {getattr(own, kind)}: hosts.yml says so" in reason for reason in own.reasons)


@pytest.mark.parametrize(
    "row", [row for row in load_mirrors() if row.kind.replace("-", "_") in KINDS], ids=lambda r: f"{r.kind}-{r.name}"
)
def test_every_mirror_of_the_catalog_can_be_named_in_any_case(settings, survey, row) -> None:
    kind = row.kind.replace("-", "_")
    chosen = getattr(resolve.choose(settings("mirrors", **{kind: row.name.upper()}), survey, GLOBAL), kind)
    assert chosen.rstrip("/") == row.url.rstrip("/")


@pytest.mark.parametrize("git", ["ghfast", "auto", "https://my.lan/github.com"])
def test_a_git_mirror_is_a_prefix_that_owner_and_repository_follow(settings, survey, git: str) -> None:
    chosen = resolve.choose(settings("mirrors", git=git), survey, CN)
    assert chosen.git is not None and chosen.git.endswith("github.com/")


@pytest.mark.parametrize(
    ("change", "url", "files"),
    [
        (
            BOOKWORM,
            f"{TUNA}/debian",
            {"debian.sources": DEB822.format("debian", "bookworm").replace("http://any.lan", TUNA)},
        ),
        (BULLSEYE, f"{TUNA}/debian", {"sources.list": f"deb {TUNA}/debian bullseye main\n"}),
        (NOBLE, f"{TUNA}/ubuntu", {"ubuntu.sources": DEB822.format("ubuntu", "noble").replace("http://any.lan", TUNA)}),
        (
            {**JAMMY, "arch": "aarch64"},
            f"{TUNA}/ubuntu-ports",
            {"sources.list": f"deb {TUNA}/ubuntu-ports jammy main universe\n", "cuda.list": None},
        ),
    ],
    ids=["debian-12", "debian-11", "ubuntu-24.04", "ubuntu-22.04 arm"],
)
def test_the_distributions_sources_get_the_mirror_and_no_others(settings, survey, change, url: str, files) -> None:
    chosen = resolve.choose(settings("mirrors"), replace(survey, **change), CN)
    assert chosen.apt is not None and chosen.apt.url == url
    assert {Path(file.dest).name: file.values["text"] if file.src else None for file in chosen.files.apt} == files


@pytest.mark.parametrize("change", [{"os_id": "fedora", "os_codename": ""}, {"os_id": "debian", "os_codename": ""}])
def test_another_system_keeps_what_it_has(settings, survey, change) -> None:
    chosen = resolve.choose(settings("mirrors"), replace(survey, **change), CN)
    assert (chosen.apt, chosen.files.apt) == (None, ())
    assert chosen.reasons[0] == "apt's sources stay: this system is neither Debian nor Ubuntu"


@pytest.mark.parametrize(
    ("change", "written", "reason"),
    [
        (
            {"os_codename": "buster", "apt_texts": {"/etc/apt/sources.list": "deb http://archive.lan/debian buster main\n"}},
            "auto", "apt's sources stay: debian buster has ended, and mirrors have no more of it",
        ),
        (
            {"os_codename": "buster", "apt_texts": {"/etc/apt/sources.list": "deb http://any.lan/debian buster main\n"}},
            "http://my.lan/debian", "apt's sources stay: debian buster has ended, and mirrors have no more of it",
        ),
        (
            {"apt_texts": {"/etc/apt/sources.list": "deb http://archive.lan/debian bookworm main\n"}},
            "auto", "/etc/apt/sources.list is left alone where it asks an archive of old releases",
        ),
        (
            {"apt_texts": {"/etc/apt/sources.list": CUDA}},
            "auto", "apt's sources stay: none of them is one of debian's own",
        ),
        (
            {"os_id": "ubuntu", "os_codename": "lunar", "apt_texts": {"/etc/apt/sources.list": "deb http://x.lan/ubuntu lunar main\n"}},
            "auto", "apt's sources stay: ubuntu lunar has ended",
        ),
    ],
)  # fmt: skip
def test_sources_that_a_mirror_cannot_serve_are_left_alone_and_it_is_said(
    settings, survey, change, written, reason
) -> None:
    chosen = resolve.choose(settings("mirrors", apt=written), replace(survey, **change), CN)
    assert chosen.apt is not None and chosen.apt.url is None
    assert {file.src for file in chosen.files.apt} == {None}
    assert any(line.startswith(reason) for line in chosen.reasons), chosen.reasons


def test_a_written_archive_of_old_releases_is_used(settings, survey) -> None:
    old = replace(survey, os_codename="buster", apt_texts={})
    chosen = resolve.choose(settings("mirrors", apt="http://my.lan/debian-archive/debian"), old, CN)
    assert chosen.apt is not None and chosen.apt.url == "http://my.lan/debian-archive/debian"


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("auto", f"{TUNA}/debian"),
        ("USTC", "http://mirrors.ustc.edu.cn/debian"),
        ("https://my.lan/debian", "https://my.lan/debian"),
        ("http://my.lan:3142/debian", "http://my.lan:3142/debian"),
    ],
)
def test_apt_goes_by_http_unless_https_is_written(settings, survey, written: str, url: str) -> None:
    apt = resolve.choose(settings("mirrors", apt=written), replace(survey, **BOOKWORM), CN).apt
    assert apt is not None and (apt.url, apt.security_url) == (url, f"{url}-security")


@pytest.mark.parametrize(("written", "said"), [("USTC", True), ("upstream", False)])
def test_a_file_that_moves_apts_sources_is_told_before_the_mirror_is_written(settings, survey, written, said) -> None:
    moved = replace(survey, **BOOKWORM, configuration=Configuration(apt_moved=("/etc/apt/apt.conf.d/99theirs",)))
    reasons = resolve.choose(settings("mirrors", apt=written), moved, CN).reasons
    sentence = (
        "/etc/apt/apt.conf.d/99theirs may have apt read its sources elsewhere than in /etc/apt, where the mirror is "
        "written: `apt-config dump Dir::Etc` says where, and `verify` whether the mirror is asked"
    )
    assert (sentence in reasons) is said


def test_of_a_debian_url_with_another_ending_no_security_archive_is_known(settings, survey) -> None:
    apt = resolve.choose(
        settings("mirrors", apt="http://my.lan/bookworm-snapshot"), replace(survey, **BOOKWORM), CN
    ).apt
    assert apt is not None and (apt.url, apt.security_url) == ("http://my.lan/bookworm-snapshot", None)


HF = {"HF_ENDPOINT": "https://my.lan/hf", "HF_HUB_DOWNLOAD_TIMEOUT": "60", "HF_HUB_ETAG_TIMEOUT": "60"}
NO_TOKEN, NO_XET = {"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, {"HF_HUB_DISABLE_XET": "1"}


@pytest.mark.parametrize(
    ("keys", "variables"),
    [
        ({}, {**HF, **NO_TOKEN, **NO_XET}),
        ({"xet": "auto"}, {**HF, **NO_TOKEN, **NO_XET}),
        ({"xet": "off"}, {**HF, **NO_TOKEN, **NO_XET}),
        ({"xet": "on"}, {**HF, **NO_TOKEN, "HF_HUB_DISABLE_XET": "0"}),
        ({"xet": True}, {**HF, **NO_TOKEN, "HF_HUB_DISABLE_XET": "0"}),
        ({"xet": False}, {**HF, **NO_TOKEN, **NO_XET}),
        ({"hf_token_to_mirror": True}, {**HF, "HF_HUB_DISABLE_IMPLICIT_TOKEN": "0", **NO_XET}),
        ({"hf": "upstream"}, {}),
        ({"hf": "upstream", "xet": "off"}, NO_XET),
        ({"hf": "upstream", "xet": "on"}, {"HF_HUB_DISABLE_XET": "0"}),
    ],
)
def test_the_variables_of_hugging_face(settings, survey, keys, variables: dict[str, str]) -> None:
    given = {"hf": "https://my.lan/hf", "python_build": "upstream", **keys}
    assert resolve.choose(settings("mirrors", **given), survey, CN).variables == variables


def test_the_variable_of_uvs_pythons(settings, survey) -> None:
    chosen = resolve.choose(settings("mirrors", hf="upstream", python_build="https://my.lan/py"), survey, CN)
    assert chosen.variables == {"UV_PYTHON_INSTALL_MIRROR": "https://my.lan/py"}


@pytest.mark.parametrize(
    ("found", "seen"),
    [
        ({}, "no token was found"),
        ({"variables": (SetVariable("HF_TOKEN", "pid1"),)}, "a token is here (HF_TOKEN in the environment of PID 1)"),
        (
            {"variables": (SetVariable("HUGGING_FACE_HUB_TOKEN", "/root/.bashrc", 3),)},
            "a token is here (HUGGING_FACE_HUB_TOKEN in /root/.bashrc:3)",
        ),
        ({"hf_tokens": ("/root/.cache/huggingface/token",)}, "a token is here (/root/.cache/huggingface/token)"),
    ],
)
def test_a_token_that_is_here_is_said_and_stays_here(settings, survey, found, seen: str) -> None:
    box = replace(survey, configuration=Configuration(**found))
    chosen = resolve.choose(settings("mirrors"), box, CN)
    assert chosen.variables["HF_HUB_DISABLE_IMPLICIT_TOKEN"] == "1"
    assert any(line.startswith(f"{seen}; Hugging Face's clients send none") for line in chosen.reasons)
    allowed = resolve.choose(settings("mirrors", hf_token_to_mirror=True), box, CN)
    assert any("hosts.yml allows it" in line for line in allowed.reasons)


def test_miniforge_gets_no_defaults(settings, survey) -> None:
    for forge in (True, False):
        box = replace(survey, configuration=Configuration(conda_forge=forge))
        (condarc,) = resolve.choose(settings("mirrors"), box, CN).files.conda
        assert condarc.src is not None
        text = templates.render(condarc.src, condarc.values)
        assert ("defaults" in text.replace("default_channels", "defaults")) is not forge
        assert "channels:\n" in text and "\nchannels:" not in text


def test_a_mirror_that_lacks_the_distribution_names_those_that_have_it(settings, survey, monkeypatch) -> None:
    rows = tuple(row for row in load_mirrors() if (row.name, row.distro) != ("SJTU", "debian"))
    monkeypatch.setattr(places, "load_mirrors", lambda: rows)
    with pytest.raises(InstanceFailed) as refused:
        resolve.choose(settings("mirrors", apt="SJTU"), survey, CN)
    assert str(refused.value) == (
        "apt: the mirror SJTU carries no debian\n"
        "hint: mirrors of this kind: TUNA, USTC, Aliyun, Tencent, Huawei, BFSU, NJU"
    )


def test_a_system_without_any_source_gets_a_file_that_apt_reads(settings, survey, tmp_path: Path) -> None:
    program = shutil.which("apt-get") or pytest.skip("no apt here")
    (new,) = resolve.choose(settings("mirrors"), survey, CN).files.apt
    assert new.dest == "/etc/apt/sources.list.d/debian.sources" and new.src is not None
    (tmp_path / "x.sources").write_text(templates.render(new.src, new.values))
    options = ["-o", "Dir::Etc::sourcelist=/dev/null", "-o", f"Dir::Etc::sourceparts={tmp_path}"]
    done = subprocess.run([program, *options, "--print-uris", "update"], text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
    asked = {line.split()[0].strip("'").partition("/dists/")[::2] for line in done.stdout.splitlines()}
    found = {(url, path.partition("/")[0]) for url, path in asked}
    assert found == {
        (f"{TUNA}/debian", "bookworm"),
        (f"{TUNA}/debian", "bookworm-updates"),
        (f"{TUNA}/debian-security", "bookworm-security"),
    }


@pytest.mark.parametrize(
    ("index", "already", "trusted"),
    [
        ("https://a.lan/simple", (), None),
        ("https://a.lan/simple", ("b.lan",), None),
        ("http://a.lan:81/simple", (), "a.lan:81"),
        ("http://a.lan/simple", ("b.lan", "a.lan"), "b.lan a.lan"),
        ("http://me@[fd00::1]:81/s", (), "[fd00::1]:81"),
    ],
)
def test_pip_reads_the_index_and_trusts_a_host_only_without_https(
    settings, survey, index: str, already: tuple[str, ...], trusted: str | None
) -> None:
    box = replace(survey, configuration=Configuration(trusted_hosts=already))
    pip, _ = resolve.choose(settings("mirrors", pypi=index), box, CN).files.pypi
    assert pip.src is not None
    parser = configparser.RawConfigParser()
    parser.read_string(templates.render(pip.src, pip.values))
    expected = {"index-url": index, "timeout": "60"} | ({"trusted-host": trusted} if trusted else {})
    assert dict(parser["global"]) == expected


def test_uv_reads_the_index_as_its_default() -> None:
    read = tomllib.loads(templates.render("mirrors/uv.toml.j2", {"index": "https://a.lan/simple"}))
    assert read == {"index": [{"url": "https://a.lan/simple", "default": True}]}


def test_conda_reads_the_channels() -> None:
    from ruamel.yaml import YAML

    read = YAML(typ="safe").load(
        templates.render("mirrors/condarc.j2", {"host": "https://a.lan/anaconda", "defaults": True})
    )
    assert read["default_channels"] == ["https://a.lan/anaconda/pkgs/main"]
    assert read["custom_channels"]["conda-forge"] == "https://a.lan/anaconda/cloud"


def test_npm_reads_the_registry() -> None:
    parser = configparser.RawConfigParser()
    parser.read_string("[npm]\n" + templates.render("mirrors/npmrc.j2", {"registry": "https://r.lan"}))
    assert dict(parser["npm"]) == {"registry": "https://r.lan"}


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """git with a ~/.gitconfig that includes the rendered file, and one repository with a GitHub remote."""
    program = shutil.which("git") or pytest.skip("no git here")
    mirror = tmp_path / "git-mirrors"
    mirror.write_text(templates.render("mirrors/gitconfig.j2", {"prefix": "https://fast.lan/https://github.com/"}))
    (tmp_path / ".gitconfig").write_text(templates.render("git-include.j2", {"path": mirror}))
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1"}

    def run(*words: str) -> str:
        done = subprocess.run([program, "-C", tmp_path, *words], text=True, capture_output=True, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    run("init", "-q")
    run("remote", "add", "origin", "https://github.com/a/b")
    return run


def test_git_fetches_through_the_mirror_and_pushes_directly(git) -> None:
    assert git("remote", "get-url", "origin") == "https://fast.lan/https://github.com/a/b"
    assert git("remote", "get-url", "--push", "origin") == "https://github.com/a/b"


def test_git_leaves_other_hosts_alone(git) -> None:
    assert git("ls-remote", "--get-url", "https://gitlab.com/a/b") == "https://gitlab.com/a/b"


@pytest.mark.parametrize("name", ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_HUB_TOKEN"])
def test_each_name_of_a_token_is_looked_for(settings, survey, name: str) -> None:
    box = replace(survey, configuration=Configuration((SetVariable(name, "pid1"),)))
    reasons = resolve.choose(settings("mirrors", hf="https://hf.lan"), box, GLOBAL).reasons
    assert any(f"a token is here ({name} in the environment of PID 1)" in reason for reason in reasons)


def test_a_system_without_apt_has_hosts_of_mirrors_too(settings, survey) -> None:
    box = replace(survey, os_id="fedora", os_codename="")
    chosen = resolve.choose(settings("mirrors", pypi="https://a.lan/simple", npm="https://a.lan/npm"), box, GLOBAL)
    assert (chosen.apt, chosen.hosts) == (None, ("a.lan",))


def test_a_mirror_that_lacks_a_kind_names_the_kind_and_those_that_have_it(settings, survey, monkeypatch) -> None:
    rows = tuple(row for row in load_mirrors() if (row.name, row.kind) != ("SJTU", "pypi"))
    monkeypatch.setattr(places, "load_mirrors", lambda: rows)
    with pytest.raises(InstanceFailed) as refused:
        places.pick("pypi", "SJTU", "cn")
    have = ", ".join(row.name for row in rows if row.kind == "pypi")
    assert str(refused.value) == f"pypi: the mirror SJTU carries no pypi\nhint: mirrors of this kind: {have}"


@pytest.mark.parametrize(("kind", "url"), [("pypi", "http://m.lan/X"), ("git", "http://m.lan/X/")])
def test_of_a_url_only_the_slashes_at_its_end_go(kind, url: str) -> None:
    assert places.pick(kind, "http://m.lan/X//", "cn") == url


def test_a_system_like_debian_keeps_its_sources(settings, survey) -> None:
    chosen = resolve.choose(settings("mirrors"), replace(survey, os_id="devuan", os_codename="daedalus"), CN)
    assert chosen.apt is None
    assert "apt's sources stay: this system is neither Debian nor Ubuntu" in chosen.reasons


@pytest.mark.parametrize(
    ("os_id", "arch", "distro"),
    [("ubuntu", "aarch64", "ubuntu-ports"), ("ubuntu", "x86_64", "ubuntu"), ("debian", "aarch64", "debian")],
)
def test_ubuntus_other_processors_have_an_archive_of_their_own(survey, os_id: str, arch: str, distro: str) -> None:
    from roles.mirrors.apt import distro_of

    assert distro_of(replace(survey, os_id=os_id, arch=arch)) == distro


def test_a_known_host_is_one_that_mirrors_the_distribution(settings, survey, monkeypatch) -> None:
    """Beside the main files and without a key, only the host tells whose source it is."""
    from roles.mirrors import apt

    one = next(row for row in load_mirrors() if row.kind == "apt")
    rows = tuple(one.model_copy(update={"kind": kind, "url": f"http://{kind}.lan/debian"}) for kind in ("apt", "pypi"))
    monkeypatch.setattr(apt, "load_mirrors", lambda: rows)
    texts = {
        f"/etc/apt/sources.list.d/{kind}.list": f"deb http://{kind}.lan/debian bookworm main\n"
        for kind in ("apt", "pypi")
    }
    chosen = resolve.choose(settings("mirrors", apt="http://own.lan/debian"), replace(survey, apt_texts=texts), CN)
    assert [file.src is not None for file in chosen.files.apt] == [True, False]
    texts = {"/etc/apt/sources.list.d/x.list": "deb http://own.lan/debian bookworm main\n"}
    chosen = resolve.choose(settings("mirrors", apt="http://own.lan/debian"), replace(survey, apt_texts=texts), CN)
    assert [file.src is not None for file in chosen.files.apt] == [True]
