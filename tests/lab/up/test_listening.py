"""Who else is open to others on a box: named by `verify`, said by `up`, allowed by hosts.yml."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.one_release
# As one who came in would do it: a program of his own name, as a user, on TCP and UDP; and one on the loopback.
INTRUDERS = """
cp /usr/bin/python3 /tmp/xmrig && useradd mallory
cat >/tmp/listen.py <<'END'
import socket, time
tcp = socket.create_server(("0.0.0.0", 4444))
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("0.0.0.0", 5555))
own = socket.create_server(("127.0.0.1", 6666))
open("/tmp/open", "w").close()
time.sleep(1000)
END
setsid su mallory -s /bin/sh -c 'exec /tmp/xmrig /tmp/listen.py' >/dev/null 2>&1 </dev/null &
i=0; until [ -e /tmp/open ] || [ $i -gt 100 ]; do i=$((i+1)); sleep 0.05; done
"""


def test_a_stranger_is_named_by_verify_and_said_by_up_unless_he_is_allowed(project, box, ssh):
    it = {"lab": box.release, "roles": ["services"], "services": {"web": {"preset": "hello"}}}
    project.write({box.name: it})
    project.up()
    assert project.run("verify").code == 0
    ssh(box, INTRUDERS)

    ran = project.run("verify", "--json")
    assert ran.code == 1
    error = ran.report(box.name)["failed"]["error"]
    assert "0.0.0.0:4444 (tcp) is open to others: xmrig (PID " in error
    assert "/tmp/xmrig /tmp/listen.py, by mallory); end it" in error
    assert "or write `allow_listening: [5555/udp]`" in error
    assert "6666" not in error
    assert ran.report(box.name)["services"]["web"]["healthy"] is True

    up = project.up()
    assert up.changed(box.name) == [] and "0.0.0.0:4444 (tcp) is open to others: xmrig" in up.stderr
    assert up.report(box.name)["execs"] == 1
    project.write({box.name: {**it, "allow_listening": [4444, "5555/udp"]}})
    assert project.run("verify").code == 0
