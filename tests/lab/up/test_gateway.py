"""The gateway as the real nginx: several services behind one port, and a token in front of all of them."""

from __future__ import annotations

import hashlib
import http.client
import ssl
import urllib.parse

import pytest

pytestmark = pytest.mark.one_release
TOKEN = "t0ken-of.the-person"
PYTHON = """exec python3 -c '
import http.server
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = (self.path + "\\n" + str(self.headers)).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("127.0.0.1", {port}), H).serve_forever()'"""


def ask(url: str, path: str, shown: str = "", **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
    """`shown`: the SHA-256 of the certificate that it has to show over https."""
    parts = urllib.parse.urlsplit(url)
    asked = http.client.HTTPConnection(parts.netloc, timeout=10)
    if parts.scheme == "https":
        unsigned = ssl.create_default_context()
        unsigned.check_hostname, unsigned.verify_mode = False, ssl.CERT_NONE
        asked = http.client.HTTPSConnection(parts.netloc, timeout=10, context=unsigned)
        asked.connect()
        assert hashlib.sha256(asked.sock.getpeercert(binary_form=True)).digest().hex(":").upper() == shown
    asked.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = asked.getresponse()
    return answer.status, answer.headers, answer.read().decode()


def described(box, **routes):
    return {
        box.name: {
            "lab": box.release,
            "roles": ["gateway", "services"],
            "gateway": {"routes": routes, "token": {"env": "GATE_TOKEN"}},
            "services": {"web": {"command": PYTHON, "port": 8001}, "api": {"command": PYTHON, "port": 8002}},
        }
    }


def up(project):
    ran = project.run("up", "-y", "--json", env={"GATE_TOKEN": TOKEN})
    assert ran.code == 0, ran.stderr
    assert TOKEN not in ran.stdout + ran.stderr
    return ran


def test_where_the_provider_speaks_no_https_the_gateway_does(project, box, ssh):
    written = described(box, **{"/": "web", "/api": "api"})
    written[box.name]["gateway"]["tls"] = "self-signed"
    project.write(written)
    first = up(project)
    secured = next(line for line in first.changed(box.name) if line.startswith("gateway | certificate SHA-256 "))
    url, shown = first.report(box.name)["services"]["web"]["url"], secured.split()[-1]
    assert url == box.url.replace("http:", "https:")
    status, headers, _ = ask(url, f"/x?token={TOKEN}", shown)
    assert (status, headers["Location"], "Secure" in headers["Set-Cookie"].split("; ")) == (302, "/x", True)
    seen = ask(url, "/x", shown, Authorization=f"Bearer {TOKEN}")[2]
    assert "X-Forwarded-Proto: https" in seen and TOKEN not in seen
    # Who comes without TLS is shown the way, and nothing else.
    status, headers, _ = ask(box.url, "/x?y=1")
    assert (status, headers["Location"]) == (301, f"{url}/x?y=1")
    assert ssh(box, "stat -c %a /etc/gpustrap/gateway/key.pem") == "600"
    assert up(project).changed(box.name) == []
    assert project.run("verify", env={"GATE_TOKEN": TOKEN}).code == 0

    del written[box.name]["gateway"]["tls"]
    project.write(written)
    assert up(project).changed(box.name) == ["gateway | certificate", "gateway | configuration", "gateway | routes"]
    assert ask(box.url, "/x", Authorization=f"Bearer {TOKEN}")[0] == 200
    assert ssh(box, "ls /etc/gpustrap/gateway") == "ask\nnginx.conf"


PIDS = "pgrep -f -d ' ' 'nginx: [m]aster|127.0.0.[1]'"


def test_several_services_behind_one_port_and_one_token(project, box, ssh, standing, unsaid):
    bare = standing(box)
    project.write(described(box, **{"/": "web", "/api": {"service": "api", "strip": True}}))
    report = up(project).report(box.name)
    assert report["services"]["api"] == {
        "url": f"{box.url}/api/",
        "local_url": "http://127.0.0.1:8002",
        "healthy": True,
    }
    assert report["services"]["web"]["url"] == report["services"]["gateway"]["url"] == box.url

    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Authorization": f"Bearer {TOKEN.upper()}"}
    for path in ("/", "/api/users", "/?token=wrong", "/.gpustrap/token", "/?token="):
        assert ask(box.url, path)[0] == ask(box.url, path, **upgrade)[0] == 401, path
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert ask(box.url, "/a?b=c", **bearer)[2].startswith("/a?b=c\n")
    status, _, seen = ask(box.url, "/api/users?a=b", **bearer)
    assert (status, seen.splitlines()[0]) == (200, "/users?a=b")
    assert "X-Forwarded-Prefix: /api" in seen and TOKEN not in seen

    status, headers, _ = ask(box.url, f"//a/b?x=1&token={TOKEN}&y=2")
    assert (status, headers["Location"]) == (302, "/a/b?x=1&y=2")
    cookie, *attributes = headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    status, _, seen = ask(box.url, "/", Cookie=f"a=1; {cookie}; b=2")
    assert (status, "Cookie: a=1; b=2" in seen, TOKEN in seen) == (200, True, False)
    assert ask(box.url, "/", Cookie=cookie.upper())[0] == 401

    assert ssh(box, "stat -c %a /etc/gpustrap/gateway/*") == "600\n600"
    hidden = f"{TOKEN[:-1]}[{TOKEN[-1]}]"  # a pattern that does not find itself among the processes
    places = "/var/log /run /etc/gpustrap/services /proc/[0-9]*/cmdline"
    assert ssh(box, f"grep -rlsa -e {hidden} {places} || true") == ""
    assert "GET" in ssh(box, "cat /var/log/gpustrap/gateway.log")

    before = ssh(box, PIDS)
    assert up(project).changed(box.name) == []
    project.write(described(box, **{"/api": "api", "/web": "web", "two.example.org/": "web"}))
    assert up(project).changed(box.name) == ["gateway | configuration", "gateway | routes"]
    assert ssh(box, PIDS) == before
    assert ask(box.url, "/web/x", **bearer)[2].startswith("/web/x\n")
    # Under a name of its own there are its own routes alone, and the same token is asked for.
    named = {"Host": "Two.example.org:80", **bearer}
    assert ask(box.url, "/other", **named)[2].startswith("/other\n")
    assert ask(box.url, "/other", Host=named["Host"])[0] == 401
    assert (ask(box.url, "/other")[0], ask(box.url, "/other", **bearer)[0]) == (401, 404)

    assert project.run("svc", "stop", "web", env={"GATE_TOKEN": TOKEN}).code == 0
    status, _, said = ask(box.url, "/web", **bearer)
    assert (status, "The service 'web' does not answer" in said) == (502, True)
    assert max(ask(box.url, "/?token=guess")[0] for _ in range(60)) == 429
    assert ask(box.url, "/api/", **bearer)[0] == 200

    notes = project.revert(box.name).report(box.name)["notes"]
    assert ssh(box, f"{PIDS}; ls -d /run/gpustrap-gateway/*.pid 2>/dev/null; true") == ""
    left = [line for line in unsaid(bare ^ standing(box), notes) if "nginx" not in line and "/var/www" not in line]
    assert left == []
