"""Sources as the images of distributions and providers have them, and as third parties' instructions write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpustrap.resolve.box.apt_sources import Distribution, Mirror, rewrite

M = Mirror("http://m.lan/debian", "http://m.lan/debian-security")
U = Mirror("http://m.lan/ubuntu", "http://m.lan/ubuntu")
DEBIAN, UBUNTU = Distribution("debian", {"mirrors.aliyun.com"}), Distribution("ubuntu", {"mirrors.aliyun.com"})
MAIN = "/etc/apt/sources.list"
NEW = "/etc/apt/sources.list.d/debian.sources"
OTHER = "/etc/apt/sources.list.d/other.list"
KEY = "/usr/share/keyrings/debian-archive-keyring.gpg"


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("deb http://any.lan/debian bookworm main", "deb http://m.lan/debian bookworm main"),
        ("deb-src http://any.lan/debian/ bookworm main", "deb-src http://m.lan/debian bookworm main"),
        (
            "deb  http://any.lan/debian  bookworm-backports  main contrib non-free non-free-firmware  # mine",
            "deb  http://m.lan/debian  bookworm-backports  main contrib non-free non-free-firmware  # mine",
        ),
        (
            f"deb [ arch=amd64,i386 signed-by={KEY} ] https://any.lan/debian bookworm-updates main",
            f"deb [ arch=amd64,i386 signed-by={KEY} ] http://m.lan/debian bookworm-updates main",
        ),
        (
            "deb http://any.lan/debian-security bookworm-security main",
            "deb http://m.lan/debian-security bookworm-security main",
        ),
        ("deb http://any.lan/debian-security buster/updates main", None),
        ("deb http://any.lan/debian bullseye/updates main", "deb http://m.lan/debian-security bullseye/updates main"),
        ("deb http://any.lan/pub/debian bookworm main", "deb http://m.lan/debian bookworm main"),
        ("deb http://any.lan/debian buster main", None),
        ("deb http://any.lan/debian-archive/debian bookworm main", None),
        ("deb http://archive.lan/debian bookworm main", None),
        ("#deb http://any.lan/debian bookworm main", None),
        ("# deb http://any.lan/debian bookworm main", None),
        ("deb cdrom:[Debian]/ bookworm main", None),
        ("deb file:/srv/debian bookworm main", None),
        ("deb [trusted=yes] http://any.lan/debian ./", None),
        ("deb http://any.lan/debian", None),
        ("deb http://[broken/debian bookworm main", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_a_line_of_debian_gets_the_mirror_and_keeps_all_else(line: str, becomes: str | None) -> None:
    for end in ("", "\n"):
        assert rewrite(MAIN, line + end, DEBIAN, M).text == (becomes or line) + end


# As the vendors' own instructions have them.
THIRD = (
    "deb [signed-by=/usr/share/keyrings/cuda-archive-keyring.gpg] https://developer.download.nvidia.com/compute/cuda/repos/debian12/x86_64/ /",
    "deb https://nvidia.github.io/libnvidia-container/stable/deb/$(ARCH) /",
    "deb [arch=amd64 signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/debian bookworm stable",
    "deb [arch=amd64] https://mirrors.aliyun.com/docker-ce/linux/debian bookworm stable",
    "deb [signed-by=/etc/apt/keyrings/nodesource.gpg] https://apt.third.example/node_20.x nodistro main",
    "deb https://dl.winehq.org/wine-builds/debian bookworm main",
    "deb https://download.virtualbox.org/virtualbox/debian bookworm contrib",
    "deb http://packages.ros.org/ros2/debian bookworm main",
    "deb https://packagecloud.io/ookla/speedtest-cli/debian bookworm main",
    "deb https://packages.microsoft.com/debian/12/prod bookworm main",
    "deb http://ppa.launchpad.net/deadsnakes/ppa/ubuntu jammy main",
    "deb https://apt.releases.hashicorp.com bookworm main",
    "deb https://nginx.org/packages/debian bookworm nginx",
    "deb [signed-by=/etc/apt/keyrings/company.gpg] https://apt.company.lan/debian bookworm main",
)


@pytest.mark.parametrize("line", THIRD)
@pytest.mark.parametrize("path", [MAIN, OTHER])
def test_a_third_partys_source_is_left_alone(line: str, path: str) -> None:
    done = rewrite(path, line + "\n", DEBIAN, M)
    assert (done.text, done.mirrored, done.archived) == (line + "\n", 0, 0)


@pytest.mark.parametrize(
    ("line", "ours"),
    [
        ("deb http://unknown.lan/debian bookworm main", False),
        ("deb https://mirrors.aliyun.com/debian bookworm main", True),
        (f"deb [signed-by={KEY}] http://unknown.lan/debian bookworm main", True),
        ("deb http://ftp.xx.debian" + ".org/anything bookworm main", True),
    ],
)
def test_outside_the_main_file_host_or_signature_tell(line: str, ours: bool) -> None:
    assert rewrite(OTHER, line, DEBIAN, M).mirrored == int(ours)


DEB822 = f"""\
# The base.
Types: deb deb-src
# Two places at once.
URIs: http://any.lan/debian
 http://second.lan/debian/
Suites: bookworm bookworm-updates
Components: main contrib non-free non-free-firmware
Signed-By: {KEY}

# Security.
Types: deb
URIs: http://any.lan/debian-security
Suites: bookworm-security
Components: main contrib
Signed-By: {KEY}

Enabled: no
types: deb
uris: http://any.lan/debian
suites: bookworm-backports
components: main
signed-by: {KEY}


Types: deb
URIs: https://download.docker.com/linux/debian
Suites: bookworm
Components: stable
Signed-By: /etc/apt/keyrings/docker.asc
"""


def test_each_stanza_keeps_its_components_suites_signature_and_comments() -> None:
    done = rewrite(NEW, DEB822, DEBIAN, M)
    assert done.text == (
        DEB822.replace("URIs: http://any.lan/debian\n http://second.lan/debian/\n", "URIs: http://m.lan/debian\n")
        .replace("URIs: http://any.lan/debian-security", "URIs: http://m.lan/debian-security")
        .replace("uris: http://any.lan/debian", "uris: http://m.lan/debian")
    )
    assert (done.mirrored, done.archived) == (3, 0)


def test_without_a_known_security_archive_security_stays_where_it_is() -> None:
    text = rewrite(NEW, DEB822, DEBIAN, Mirror("http://m.lan/snap", None)).text
    assert "URIs: http://any.lan/debian-security\n" in text and "URIs: http://m.lan/snap\n" in text


def test_debians_cloud_images_list_their_mirrors_in_files() -> None:
    text = "Types: deb\nURIs: mirror+file:///etc/apt/mirrors/{}.list\nSuites: bookworm{}\nComponents: main\n"
    assert "URIs: http://m.lan/debian\n" in rewrite(NEW, text.format("debian", ""), DEBIAN, M).text
    security = text.format("debian-security", "-security")
    assert "URIs: http://m.lan/debian-security\n" in rewrite(NEW, security, DEBIAN, M).text


def test_a_stanza_with_its_key_in_it_is_a_third_partys() -> None:
    text = "Types: deb\nURIs: http://x.lan/debian\nSuites: bookworm\nComponents: main\nSigned-By:\n -----BEGIN PGP\n .\n abc\n"
    assert rewrite(NEW, text, DEBIAN, M).text == text


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("deb http://any.lan/ubuntu jammy-security main universe", "deb http://m.lan/ubuntu jammy-security main universe"),
        ("deb http://ports.ubuntu.com/ubuntu-ports jammy main", "deb http://m.lan/ubuntu jammy main"),
        ("deb http://archive.ubuntu.com/ubuntu/ jammy-backports main restricted universe multiverse",
         "deb http://m.lan/ubuntu jammy-backports main restricted universe multiverse"),
        ("deb http://old-releases.ubuntu.com/ubuntu lunar main", None),
        ("deb http://archive.ubuntu.com/ubuntu lunar main", None),
        ("deb http://ppa.launchpadcontent.net/x/y/ubuntu jammy main", None),
    ],
)  # fmt: skip
def test_ubuntus_security_lies_on_the_same_mirror(line: str, becomes: str | None) -> None:
    assert rewrite(MAIN, line, UBUNTU, U).text == (becomes or line)


TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from((*THIRD, *DEB822.splitlines(), "deb http://any.lan/debian bookworm main", "", " x", "#")),
        max_size=25,
    ).map("\n".join),
)


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.sampled_from((MAIN, NEW)))
def test_whatever_the_text_twice_is_once(text: str, path: str) -> None:
    once = rewrite(path, text, DEBIAN, M).text
    assert rewrite(path, once, DEBIAN, M).text == once
    if path == MAIN:
        assert once.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("host", "enabled", "counts", "changed"),
    [
        (f"deb.{DEBIAN.os_id}.org", "yes", 1, True),
        (f"deb.{DEBIAN.os_id}.org", "no", 0, True),
        ("x.lan", "yes", 0, False),
    ],
)
def test_a_source_of_the_distributions_own_host_is_its_own_whatever_key_stands_in_it(
    host, enabled, counts, changed
) -> None:
    text = (f"Enabled: {enabled}\nTypes: deb\nURIs: http://{host}/debian\nSuites: bookworm\nComponents: main\n"
            "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n")  # fmt: skip
    new = rewrite(NEW, text, DEBIAN, M)
    assert (new.mirrored, new.text != text) == (counts, changed)
    assert new.text.endswith("-----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n")
