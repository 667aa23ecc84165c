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
from gpustrap.resolve.box.survey import Survey
from gpustrap.resolve.context import Context
from roles.mirrors import resolve
from roles.mirrors.resolve import AptSource, Mirrors

CN, GLOBAL, AUTO = (Context("trainer", region) for region in ("cn", "global", "auto"))
TUNA = "http://mirrors.tuna.tsinghua.edu.cn"
KINDS = ("pypi", "conda", "npm", "hf", "python_build", "git")
BULLSEYE = {"os_version": "11", "os_codename": "bullseye", "apt_sources": ("/etc/apt/sources.list",)}
NOBLE = {
    "os_id": "ubuntu",
    "os_version": "24.04",
    "os_codename": "noble",
    "apt_sources": ("/etc/apt/sources.list.d/ubuntu.sources",),
}
JAMMY = {
    "os_id": "ubuntu",
    "os_version": "22.04",
    "os_codename": "jammy",
    "apt_sources": ("/etc/apt/sources.list", "/etc/apt/sources.list.d/cuda.list"),
}


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
    assert chosen.reasons["pypi"] == "https://pypi.tuna.tsinghua.edu.cn/simple: hosts.yml says region: cn"
    assert chosen.reasons["git"] == "upstream: hosts.yml says so"


def test_elsewhere_each_client_keeps_its_own_default(settings, survey) -> None:
    chosen = resolve.choose(settings("mirrors"), survey, GLOBAL)
    assert set(urls(chosen).values()) == {None}
    assert chosen.apt == AptSource("/etc/apt/sources.list.d/debian.sources", True, None)
    assert (dict(chosen.variables), chosen.hosts) == ({}, ())
    assert chosen.reasons["apt"] == "upstream: hosts.yml says region: global"


def test_region_auto_follows_the_provider(settings, survey) -> None:
    rented = replace(survey, provider="gpushare", provider_reason="/hy-tmp exists")
    reason = "https://hf-mirror.com: gpushare (恒源云) rents in China (/hy-tmp exists)"
    assert resolve.choose(settings("mirrors"), rented, AUTO).reasons["hf"] == reason
    assert resolve.choose(settings("mirrors"), survey, AUTO).hf is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("context", [CN, GLOBAL], ids=["cn", "global"])
def test_upstream_and_a_url_count_in_every_region(settings, survey, kind: str, context: Context) -> None:
    upstream = resolve.choose(settings("mirrors", **{kind: "upstream"}), survey, context)
    assert getattr(upstream, kind) is None
    own = resolve.choose(settings("mirrors", **{kind: "http://my.lan:81/x/"}), survey, context)
    assert getattr(own, kind) == ("http://my.lan:81/x/" if kind == "git" else "http://my.lan:81/x")
    assert own.reasons[kind.replace("_", "-")] == f"{getattr(own, kind)}: hosts.yml says so"


@pytest.mark.parametrize("row", [row for row in load_mirrors() if row.kind.replace("-", "_") in KINDS], ids=lambda r: f"{r.kind}-{r.name}")  # fmt: skip
def test_every_mirror_of_the_catalog_can_be_named_in_any_case(settings, survey, row) -> None:
    kind = row.kind.replace("-", "_")
    chosen = getattr(resolve.choose(settings("mirrors", **{kind: row.name.upper()}), survey, GLOBAL), kind)
    assert chosen.rstrip("/") == row.url.rstrip("/")


@pytest.mark.parametrize("git", ["ghfast", "auto", "https://my.lan/github.com"])
def test_a_git_mirror_is_a_prefix_that_owner_and_repository_follow(settings, survey, git: str) -> None:
    chosen = resolve.choose(settings("mirrors", git=git), survey, CN)
    assert chosen.git is not None and chosen.git.endswith("github.com/")


@pytest.mark.parametrize(
    ("change", "apt"),
    [
        (
            {},
            AptSource(
                "/etc/apt/sources.list.d/debian.sources", True, f"{TUNA}/debian", f"{TUNA}/debian-security",
                ("bookworm", "bookworm-updates"), "bookworm-security", "main",
                "/usr/share/keyrings/debian-archive-keyring.gpg",
            ),
        ),
        (
            BULLSEYE,
            AptSource(
                "/etc/apt/sources.list", False, f"{TUNA}/debian", f"{TUNA}/debian-security",
                ("bullseye", "bullseye-updates"), "bullseye-security", "main",
                "/usr/share/keyrings/debian-archive-keyring.gpg",
            ),
        ),
        (
            NOBLE,
            AptSource(
                "/etc/apt/sources.list.d/ubuntu.sources", True, f"{TUNA}/ubuntu", f"{TUNA}/ubuntu",
                ("noble", "noble-updates"), "noble-security", "main restricted universe multiverse",
                "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
            ),
        ),
        (
            {**JAMMY, "arch": "aarch64"},
            AptSource(
                "/etc/apt/sources.list", False, f"{TUNA}/ubuntu-ports", f"{TUNA}/ubuntu-ports",
                ("jammy", "jammy-updates"), "jammy-security", "main restricted universe multiverse",
                "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
            ),
        ),
        ({"os_id": "fedora", "os_codename": ""}, None),
        ({"os_id": "debian", "os_codename": ""}, None),
    ],
    ids=["debian-12", "debian-11", "ubuntu-24.04", "ubuntu-22.04 arm", "fedora", "debian without a codename"],
)  # fmt: skip
def test_the_source_file_of_each_distribution(settings, survey, change, apt: AptSource | None) -> None:
    chosen = resolve.choose(settings("mirrors"), replace(survey, **change), CN)
    assert chosen.apt == apt
    assert chosen.apt_sources == (() if apt is None else (apt,))


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
    apt = resolve.choose(settings("mirrors", apt=written), survey, CN).apt
    assert apt is not None and (apt.url, apt.security_url) == (url, f"{url}-security")


def test_of_a_debian_url_with_another_ending_no_security_archive_is_known(settings, survey) -> None:
    apt = resolve.choose(settings("mirrors", apt="http://my.lan/bookworm-snapshot"), survey, CN).apt
    assert apt is not None and (apt.url, apt.security_url) == ("http://my.lan/bookworm-snapshot", None)


def test_the_variables_are_those_of_hugging_face_and_uv(settings, survey) -> None:
    chosen = resolve.choose(settings("mirrors", hf="https://my.lan/hf", python_build="upstream"), survey, CN)
    assert chosen.variables == {
        "HF_ENDPOINT": "https://my.lan/hf",
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DOWNLOAD_TIMEOUT": "60",
        "HF_HUB_ETAG_TIMEOUT": "60",
    }
    only_uv = resolve.choose(settings("mirrors", hf="upstream", python_build="https://my.lan/py"), survey, CN)
    assert only_uv.variables == {"UV_PYTHON_INSTALL_MIRROR": "https://my.lan/py"}


def test_a_mirror_that_lacks_the_distribution_names_those_that_have_it(settings, survey, monkeypatch) -> None:
    rows = tuple(row for row in load_mirrors() if (row.name, row.distro) != ("SJTU", "debian"))
    monkeypatch.setattr(resolve, "load_mirrors", lambda: rows)
    with pytest.raises(InstanceFailed) as refused:
        resolve.choose(settings("mirrors", apt="SJTU"), survey, CN)
    assert str(refused.value) == (
        "apt: the mirror SJTU carries no debian\n"
        "hint: mirrors of this kind: TUNA, USTC, Aliyun, Tencent, Huawei, BFSU, NJU"
    )


def sources(settings, survey: Survey, tmp_path: Path, change, **keys: str) -> Path:
    apt = resolve.choose(settings("mirrors", **keys), replace(survey, **change), CN).apt
    assert apt is not None
    src = "debian.sources" if apt.deb822 else "sources.list"
    file = tmp_path / f"x{Path(apt.file).suffix}"
    file.write_text(templates.render(f"mirrors/{src}.j2", {"apt": apt}))
    return file


def archives(file: Path, tmp_path: Path) -> set[tuple[str, str, str]]:
    """URL, suite and component of each list of packages that apt on this machine would ask for such a source file; it asks nobody."""
    program = shutil.which("apt-get") or pytest.skip("no apt here")
    parts = tmp_path / "parts"
    parts.mkdir()
    shutil.copy(file, parts)
    options = ["-o", "Dir::Etc::sourcelist=/dev/null", "-o", f"Dir::Etc::sourceparts={parts}"]
    done = subprocess.run([program, *options, "--print-uris", "update"], text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
    asked = (line.split()[0].strip("'").partition("/dists/") for line in done.stdout.splitlines())
    return {(url, *path.split("/")[:2]) for url, _, path in asked if "/binary-" in path}


@pytest.mark.parametrize(
    "change", [{}, BULLSEYE, NOBLE, JAMMY], ids=["debian-12", "debian-11", "ubuntu-24", "ubuntu-22"]
)
def test_apt_reads_suites_and_security_of_both_forms(settings, survey, tmp_path: Path, change) -> None:
    box = replace(survey, **change)
    base, code = f"{TUNA}/{box.os_id}", box.os_codename
    security = f"{base}-security" if box.os_id == "debian" else base
    found = archives(sources(settings, survey, tmp_path, change), tmp_path)
    components = ["main"] if box.os_id == "debian" else ["main", "restricted", "universe", "multiverse"]
    suites = ((base, code), (base, f"{code}-updates"), (security, f"{code}-security"))
    assert found == {(url, suite, component) for url, suite in suites for component in components}


def test_apt_reads_a_source_without_a_security_archive(settings, survey, tmp_path: Path) -> None:
    found = archives(sources(settings, survey, tmp_path, {}, apt="http://my.lan/snap"), tmp_path)
    assert found == {
        ("http://my.lan/snap", "bookworm", "main"),
        ("http://my.lan/snap", "bookworm-updates", "main"),
    }


@pytest.mark.parametrize(
    ("index", "trusted"),
    [
        ("https://a.lan/simple", None),
        ("http://a.lan:81/simple", "a.lan:81"),
        ("http://[fd00::1]:81/s", "[fd00::1]:81"),
    ],
)
def test_pip_reads_the_index_and_trusts_a_host_only_without_https(index: str, trusted: str | None) -> None:
    parser = configparser.RawConfigParser()
    parser.read_string(templates.render("mirrors/pip.conf.j2", {"index": index}))
    expected = {"index-url": index, "timeout": "60"} | ({"trusted-host": trusted} if trusted else {})
    assert dict(parser["global"]) == expected


def test_uv_reads_the_index_as_its_default() -> None:
    read = tomllib.loads(templates.render("mirrors/uv.toml.j2", {"index": "https://a.lan/simple"}))
    assert read == {"index": [{"url": "https://a.lan/simple", "default": True}]}


def test_conda_reads_the_channels() -> None:
    from ruamel.yaml import YAML

    read = YAML(typ="safe").load(templates.render("mirrors/condarc.j2", {"host": "https://a.lan/anaconda"}))
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
