"""packages-install.sh against an apt-get that says what apt 2.6.1 (Debian 12) said in each trouble."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gpustrap.engine.scripts import clean, text_of

# Each call of apt-get plays the next file of its verb and, once one file is left, that one again.
APT = """#!/bin/sh
echo "apt-get $*" >>{here}/asked
env | grep -q DEBIAN_FRONTEND=noninteractive || exit 99
for verb; do case $verb in install | update) break ;; esac; done
n=$(cat {here}/$verb.n 2>/dev/null || echo 0)
[ -e {here}/$verb.$((n + 1)) ] && n=$((n + 1)) && echo $n >{here}/$verb.n
[ -e {here}/$verb.$n ] || {{ : >{here}/done.$verb; exit 0; }}
cat {here}/$verb.$n
exit 100
"""
LISTS_LOCK = """\
E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4711 (apt-get)
N: Be aware that removing the lock file is not a solution and may break your system.
E: Unable to lock directory /var/lib/apt/lists/
"""
DPKG_LOCK = """\
E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 42 (unattended-upgr)
E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?
"""
BAD_SOURCE = """\
Hit:1 http://mirror.invalid/debian bookworm InRelease
Err:2 http://user:canary@third.invalid/repo stable Release
  404  Not Found [IP: 127.0.0.1 80]
E: The repository 'http://user:canary@third.invalid/repo stable Release' does not have a Release file.
"""
NOT_THERE = "these did not answer: http://***@third.invalid/repo (404 Not Found [IP: 127.0.0.1 80])"
# Of apt 2.6.1 with a /tmp that its user _apt cannot write to, and with a dead proxy in /etc/apt/apt.conf.d.
UNTRUSTED = """\
Err:1 http://deb.invalid/debian bookworm InRelease
  Couldn't create temporary file /tmp/apt.conf.gFiXC7 for passing config to apt-key
W: GPG error: http://deb.invalid/debian bookworm InRelease: Couldn't create temporary file /tmp/apt.conf.gFiXC7 for passing config to apt-key
E: The repository 'http://deb.invalid/debian bookworm InRelease' is not signed.
"""
NO_TMP = "Couldn't create temporary file /tmp/apt.conf.gFiXC7 for passing config to apt-key: `chmod 1777 /tmp` lets it"
NO_PROXY = """\
Err:1 http://deb.invalid/debian bookworm InRelease
  Could not connect to proxy.invalid:3128 (127.0.0.1). - connect (111: Connection refused)
W: Failed to fetch http://deb.invalid/debian/dists/bookworm/InRelease  Could not connect to proxy.invalid:3128 (127.0.0.1). - connect (111: Connection refused)
"""
UNKNOWN = "E: Unable to locate package htop\n"
HELD = """\
The following held packages will be changed:
  htop
E: Held packages were changed and -y was used without --allow-change-held-packages.
"""
PROXY = """\
Err:1 http://deb.invalid/debian bookworm/main amd64 htop amd64 3.2.2-2
  Could not connect to proxy.invalid:3128 (10.0.0.1), connection timed out
E: Failed to fetch http://deb.invalid/debian/pool/h/htop.deb  Could not connect to proxy.invalid:3128 (10.0.0.1)
"""
INTERRUPTED = "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.\n"
BROKEN = "dpkg: error processing package htop (--configure):\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n"
VIRTUAL = """\
Package htop is a virtual package provided by:
  postfix 3.7.11-0+deb12u1
  exim4-daemon-light 4.96-15+deb12u6
You should explicitly select one to install.

E: Package 'htop' has no installation candidate
"""
MALFORMED = """\
E: Type 'debb' is not known on line 1 in source list /etc/apt/sources.list.d/x.list
E: The list of sources could not be read.
"""


class Box:
    def __init__(self, folder: Path):
        self.folder = folder
        self.stub("apt-get", APT.format(here=folder))
        self.stub("dpkg", f'#!/bin/sh\necho "dpkg $*" >>{folder}/asked\n')
        self.stub("apt-mark", "#!/bin/sh\necho htop\n")
        self.stub("apt-config", "#!/bin/sh\necho 'Acquire::http::Proxy \"http://me:canary@proxy.invalid:3128\";'\n")
        self.stub("sleep", "#!/bin/sh\n")
        self.stub("dpkg-query", f"#!/bin/sh\n[ -e {folder}/done.install ] && echo 'ii ,'\n")
        self.stub("apt-cache", "#!/bin/sh\n")

    def stub(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def plays(self, verb: str, *texts: str) -> None:
        for at, text in enumerate(texts, 1):
            if text:
                (self.folder / f"{verb}.{at}").write_text(text)

    def install(self, patience: int = 6) -> subprocess.CompletedProcess[str]:
        first = f"PATH={self.folder}:$PATH\n"
        text = clean("packages-install", patience=patience, etc=str(self.folder / "etc"))
        head = text_of("unset") + text_of("clean")
        text = head + first + text.removeprefix(head) + "install htop\n"
        done = subprocess.run(["/bin/sh", "-c", text], text=True, capture_output=True, timeout=60, env=dict(os.environ))
        assert "canary" not in done.stdout + done.stderr
        return done

    @property
    def asked(self) -> list[str]:
        lines = (self.folder / "asked").read_text().splitlines()
        return [
            " ".join(word for word in line.split() if word in ("install", "update", "dpkg", "--fix-broken"))
            for line in lines
        ]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_with_the_lists_at_hand_nothing_else_is_asked(box: Box) -> None:
    done = box.install()
    assert (done.returncode, done.stderr, box.asked) == (0, "", ["install"])
    words = (box.folder / "asked").read_text()
    assert "--force-confdef" in words and "--force-confold" in words and "-- htop" in words


@pytest.mark.parametrize("folder", ["/nonexistent/tmp", "/proc"])
def test_a_folder_for_temporary_files_that_takes_none_stops_nothing(box: Box, monkeypatch, folder: str) -> None:
    """Neither ours nor what a package runs as it is installed."""
    monkeypatch.setenv("TMPDIR", folder)
    says = f'#!/bin/sh\necho "${{TMPDIR-none}}" >>{box.folder}/told'
    box.stub("apt-get", APT.format(here=box.folder).replace("#!/bin/sh", says))
    done = box.install()
    assert (done.returncode, done.stderr, box.asked) == (0, "", ["install"])
    assert set((box.folder / "told").read_text().split()) == {"none"}


def once(box: Box, verb: str, text: str) -> None:
    """The first call plays the text, the later ones go well."""
    box.plays(verb, text)
    box.stub("sleep", f"#!/bin/sh\nrm -f {box.folder}/{verb}.1\n")


def test_a_source_that_answers_404_is_named_and_stops_nothing(box: Box) -> None:
    box.plays("install", UNKNOWN)
    box.plays("update", BAD_SOURCE)
    box.stub(
        "apt-get",
        APT.format(here=box.folder).replace(
            "for verb", f'case "$*" in *update*) rm -f {box.folder}/install.1 ;; esac\nfor verb'
        ),
    )
    done = box.install()
    assert (done.returncode, done.stderr, box.asked) == (0, "", ["install", "update", "install"])
    assert f"[gpustrap] goes on without some sources; {NOT_THERE}" in done.stdout


@pytest.mark.parametrize(
    ("install", "update", "said"),
    [
        (UNKNOWN, "", "no source of apt has htop"),
        (UNKNOWN, BAD_SOURCE, f"no source of apt has htop; {NOT_THERE}"),
        (
            UNKNOWN,
            UNTRUSTED,
            f"no source of apt has htop; apt does not trust these: http://deb.invalid/debian ({NO_TMP})",
        ),
        (UNKNOWN, NO_PROXY, "apt's proxy http://***@proxy.invalid:3128 does not answer, so htop cannot be fetched"),
        (HELD, "", "apt keeps on hold: htop (`apt-mark unhold NAME` on the instance lets one go)"),
        (PROXY, "", "apt's proxy http://***@proxy.invalid:3128 does not answer, so htop cannot be fetched"),
        (BROKEN, "", BROKEN.strip()),
        (
            VIRTUAL,
            "",
            "htop is a name that several packages stand for, choose one of them: postfix, exim4-daemon-light",
        ),
        (MALFORMED, MALFORMED, MALFORMED.strip()),
    ],
)
def test_why_it_could_not_be_installed_is_one_sentence(box: Box, install: str, update: str, said: str) -> None:
    box.plays("install", install)
    box.plays("update", update)
    done = box.install()
    assert (done.returncode, done.stderr) == (1, f"{said}\n")


def test_the_file_that_names_a_dead_proxy_is_told(box: Box) -> None:
    parts = box.folder / "etc" / "apt.conf.d"
    parts.mkdir(parents=True)
    (parts / "00dead").write_text('Acquire::http::Proxy "http://me:canary@proxy.invalid:3128";\n')
    (parts / "10other").write_text("// Proxy\n")
    box.plays("install", UNKNOWN)
    box.plays("update", NO_PROXY)
    assert f"does not answer (it stands in {parts}/00dead), so htop" in box.install().stderr


@pytest.mark.parametrize(
    ("text", "file", "holder"),
    [
        (LISTS_LOCK, "/var/lib/apt/lists/lock", "4711 (apt-get)"),
        (DPKG_LOCK, "/var/lib/dpkg/lock-frontend", "42 (unattended-upgr)"),
    ],
)
def test_another_apt_is_waited_for_bounded_and_named(box: Box, text: str, file: str, holder: str) -> None:
    box.plays("install", text)
    done = box.install()
    assert (done.returncode, done.stderr) == (1, f"Could not get lock {file} in 6 seconds: it is held by {holder}\n")
    assert f"[gpustrap] waits for {file}, held by {holder}: E: Could not get lock" in done.stdout
    assert box.asked == ["install"] * 4


def test_when_the_other_apt_has_ended_it_goes_on(box: Box) -> None:
    once(box, "install", DPKG_LOCK)
    done = box.install()
    assert (done.returncode, done.stderr, box.asked) == (0, "", ["install", "install"])


def test_a_dpkg_that_was_interrupted_is_mended_first(box: Box) -> None:
    box.plays("install", INTERRUPTED)
    box.stub("dpkg", f'#!/bin/sh\necho "dpkg $*" >>{box.folder}/asked\nrm -f {box.folder}/install.1\n')
    done = box.install()
    assert (done.returncode, box.asked) == (0, ["install", "dpkg", "install"])


# What apt 2.6.1 says of a package with a negative pin, and of one without.
POLICY = """\
htop:
  Installed: (none)
  Candidate: {candidate}
  Version table:
     3.2.2-2 {priority}
        500 http://deb.invalid/debian bookworm/main amd64 Packages
"""


@pytest.mark.parametrize(
    ("candidate", "priority", "said"),
    [
        ("(none)", "-1", "apt's preferences forbid htop by a negative Pin-Priority: take it away there"),
        ("(none)", "-10", "apt's preferences forbid htop by a negative Pin-Priority: take it away there"),
        ("3.2.2-2", "500", "no source of apt has htop"),
    ],
)
def test_a_package_that_the_preferences_forbid_is_told_so(box: Box, candidate: str, priority: str, said: str) -> None:
    box.plays("install", "E: Package 'htop' has no installation candidate\n")
    box.stub("apt-cache", f"#!/bin/sh\ncat <<'E'\n{POLICY.format(candidate=candidate, priority=priority)}E\n")
    done = box.install()
    assert (done.returncode, done.stderr) == (1, f"{said}\n")


@pytest.mark.parametrize(("status", "code"), [("ii ", 0), ("hi ", 0), ("un ", 1), ("iU ", 1), ("rc ", 1)])
def test_packages_that_are_there_are_enough_where_a_hook_of_others_fails(box: Box, status: str, code: int) -> None:
    box.plays(
        "install", "E: Problem executing scripts DPkg::Post-Invoke 'false'\nE: Sub-process returned an error code\n"
    )
    box.stub("dpkg-query", f"#!/bin/sh\necho '{status}'\n")
    done = box.install()
    assert done.returncode == code
    assert ("all packages are there; apt said besides: E: Problem executing scripts" in done.stdout) == (code == 0)


@pytest.mark.parametrize(
    ("provided", "code"), [("", 1), ("ii ,mail-agent, htop (= 1)", 0), ("rc ,htop", 1), ("ii ,htop-more", 1)]
)
def test_an_apt_that_says_it_is_done_is_not_believed(box: Box, provided: str, code: int) -> None:
    """As where a setting of its own keeps it from installing. What another package stands for is there."""
    box.stub("dpkg-query", f"#!/bin/sh\ncase $* in *htop) ;; *) echo '{provided}' ;; esac\n")
    done = box.install()
    assert done.returncode == code
    assert ("apt ended well and htop is not installed" in done.stderr) == bool(code)


@pytest.mark.skipif(not shutil.which("apt-get"), reason="no apt here")
@pytest.mark.parametrize(
    "setting",
    [
        'APT::Get::Simulate "true";',
        'APT::Get::Just-Print "true";',
        'APT::Get::Download-Only "true";',
        'APT::Get::Trivial-Only "true";',
        'APT::Get::Assume-No "true";',
        'APT::Get::Print-URIs "true";',
        'APT::Get::Download "false";',
        'APT::Get::Only-Upgrade "true";',
        'Debug::pkgDPkgPM "true";',
    ],
)
def test_a_setting_of_apts_that_would_keep_it_from_installing_does_not_count(box: Box, setting: str) -> None:
    """The words that apt-get gets, given to apt's own reader of settings."""
    box.install()
    words = (box.folder / "asked").read_text().splitlines()[0].split()
    options = [part for at, word in enumerate(words) if word == "-o" for part in ("-o", words[at + 1])]
    conf = box.folder / "own.conf"
    conf.write_text(setting)
    real = subprocess.run(
        [shutil.which("apt-config"), *options, "dump"],
        text=True,
        capture_output=True,
        env={**os.environ, "APT_CONFIG": str(conf)},
    ).stdout
    key, value = setting.rstrip(";").split()
    assert f"{key} {value};" not in real and f"{key} " in real
