"""What a run imports, package by package: each costs a person time, at every run."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

HELP = {"annotated_doc", "gpustrap", "shellingham", "typer"}
READING = {"annotated_types", "pydantic", "pydantic_core", "rich", "ruamel", "typing_extensions", "typing_inspection"}
PYINFRA = {"gevent", "greenlet", "jinja2", "markupsafe", "packaging", "paramiko", "platformdirs", "pyinfra", "zope"}
CIPHERS = {"bcrypt", "cryptography", "nacl"}

# Without what is imported while the network answers. As it is at the last connection, which the engine makes: the one before was begun early, and refused.
WATCHED = """
import atexit, json, sys
from pathlib import Path
from types import SimpleNamespace
sys.modules["gpustrap.run.ahead"] = SimpleNamespace(import_ahead=lambda *_, **__: None, import_engine=lambda: None)
file, connections = Path(sys.argv[1]), []
def tell():
    top = {name.partition(".")[0] for name, module in sys.modules.items() if getattr(module, "__file__", None)}
    slow = {"asyncio", "doctest", "unittest"}  # of Python's own
    file.write_text(json.dumps([name for name in top - sys.stdlib_module_names | top & slow if name[0] != "_"]))
def hear(event, _arguments):
    if event == "socket.connect":
        connections.append(event)
        tell()
sys.addaudithook(hear)
sys.argv = ["gpustrap", *sys.argv[2:]]
atexit.register(lambda: connections or tell())
from gpustrap.__main__ import main
main()
"""


# The proof alone, of a role that promises one thing.
PROVED = """
import gpustrap.engine, os, pytest, sys
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # as the proof does
from gpustrap.verify.proof import OPTIONS
assert pytest.main([*OPTIONS, "--rootdir", sys.argv[1], f"{sys.argv[1]}/verify.py"]) == 0
print(*sorted(name for name in sys.modules if name in {"asyncio", "doctest", "unittest.mock", "xml"}))
"""


def imported(folder: Path, *words: str) -> set[str]:
    told = folder / "imported.json"
    subprocess.run([sys.executable, "-c", WATCHED, str(told), *words], cwd=folder, capture_output=True, timeout=60)
    return set(json.loads(told.read_text()))


def test_help_imports_the_command_line_alone(tmp_path: Path) -> None:
    assert imported(tmp_path, "--help") == HELP


def test_before_it_connects_a_run_imports_what_connects_and_nothing_of_the_proof(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GPUSTRAP_HOME", str(tmp_path / "gpustrap"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory/hosts.yml").write_text(
        f"instances: {{box: {{roles: [base], ssh: 'ssh -p {port} root@127.0.0.1'}}}}\n"
    )
    assert imported(tmp_path, "up", "-y") == HELP | READING | PYINFRA | CIPHERS | {"roles"}


def test_the_proof_brings_no_event_loop_no_mocks_and_no_reports(tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_text("def test_it(): pass")
    done = subprocess.run([sys.executable, "-c", PROVED, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("\n", "")
