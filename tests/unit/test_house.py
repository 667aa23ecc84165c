"""How the code is built: short functions and files, a test beside each module, the formatter's layout."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path
    for base in (ROOT / "src" / "gpustrap", ROOT / "roles")
    for path in base.rglob("*.py")
    if path.read_text(encoding="utf-8").strip()
)


def at(lengths: list[int], share: float) -> int:
    """The length that so large a share does not exceed."""
    return sorted(lengths)[int(len(lengths) * share)]


def functions(module: Path) -> list[int]:
    nodes = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node.end_lineno - node.lineno + 1 for node in nodes if isinstance(node, kinds) and node.end_lineno]


def mirrored(module: Path) -> Path:
    """The test of `src/gpustrap/a/b.py` is `tests/unit/a/test_b.py`, that of `roles/` stands in `tests/unit/roles/`."""
    below = module.relative_to(ROOT)
    parts = below.parts[2:] if below.parts[0] == "src" else below.parts
    return ROOT.joinpath("tests", "unit", *parts[:-1], f"test_{module.name}")


def test_functions_are_short() -> None:
    lengths = [length for module in MODULES for length in functions(module)]
    assert len(lengths) > 1000
    assert (at(lengths, 0.5) <= 6, at(lengths, 0.9) <= 20, max(lengths) <= 40) == (True, True, True), lengths


def test_files_are_short() -> None:
    lengths = {module: module.read_text(encoding="utf-8").count("\n") for module in MODULES}
    figures = (at(list(lengths.values()), 0.5), at(list(lengths.values()), 0.9), max(lengths.values()))
    assert all(length <= most for length, most in zip(figures, (70, 180, 300), strict=True)), figures


def test_nine_of_ten_modules_have_a_test_at_the_mirrored_path() -> None:
    modules = [module for module in MODULES if module.name not in ("__init__.py", "__main__.py")]
    without = [str(module.relative_to(ROOT)) for module in modules if not mirrored(module).exists()]
    assert len(without) <= len(modules) // 10, without


def test_the_formatter_lays_out_all_but_tables() -> None:
    skips = {str(module.relative_to(ROOT)): module.read_text(encoding="utf-8").count("# fmt:") for module in MODULES}
    assert {module: count for module, count in skips.items() if count} == {"src/gpustrap/engine/facts/survey.py": 1}


def test_workers_take_a_folder_whose_conftest_imports_the_engine() -> None:
    words = [sys.executable, "-m", "pytest", "-q", "-n", "1", "tests/unit/run/test_report.py"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_page_holds_what_a_merge_left() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "tests").rglob("*.md")]
    assert len(pages) > 5
    lines = ((page, line) for page in pages for line in page.read_text(encoding="utf-8").splitlines())
    assert [(page.name, line) for page, line in lines if line.startswith(("<<<<<<< ", ">>>>>>> "))] == []
