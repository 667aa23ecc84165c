from __future__ import annotations

import pytest

from gpustrap.inventory.hosts import load_hosts
from gpustrap.inventory.instance import Instance
from gpustrap.run.workplaces import workplaces

HOSTS = """\
defaults: {{roles: [services, project]}}
instances:
  box:
    lab: debian-12
    services:
      web: {{command: a, cwd: /data/web}}
      api: {{command: a, cwd: /data/web}}
      odd: {{command: a, cwd: "/data/a b"}}
      own: {{preset: hello}}
    project: {project}
"""


@pytest.mark.parametrize(
    ("project", "folder"),
    [
        ("{git: git@a.lan:me/app.git}", "~/app"),
        ("{git: https://a.lan/me/app/}", "~/app"),
        ("{path: code}", "~/code"),
        ("{path: code, dest: ~/x/app}", "~/x/app"),
    ],
)
def test_programs_run_where_services_do_and_where_the_project_stands(tmp_path, project, folder) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").write_text(HOSTS.format(project=project))

    instance = load_hosts(tmp_path).instances["box"]

    assert workplaces(instance) == ("/data/web", folder)


def test_an_instance_without_both_has_none() -> None:
    assert workplaces(Instance("box", None, "debian-12", None, "global", (), {})) == ()
