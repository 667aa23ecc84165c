"""What pip and uv and npm print, recorded: pip 23.0.1 of Debian 12. npm is asked here where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from gpustrap import content
from gpustrap.engine import templates
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
