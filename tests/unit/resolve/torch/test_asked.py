from __future__ import annotations

import pytest

from gpustrap.resolve.torch.asked import OtherTorch, others_than, torch_asked

VERSIONS = {"torch": ("2.9.1+cu128", "2.9.1"), "torchvision": ("0.24.1+cu128", "0.24.1"), "numpy": ("2.0",)}

FILES = {
    "requirements.txt": """
--index-url https://x/simple
-r more.txt
numpy  # not torch
./local/torch.whl
TorchAudio>=2 ; python_version >= "3.8"
torch-fidelity==1
torch==2.5.1 --hash=sha256:00 \\
torch==1.0 ; sys_platform == "win32"
""",
    "more.txt": "-r requirements.txt\n--requirement=again.txt\ntorchvision\n",
    "again.txt": "xformers\n",
    "pyproject.toml": '[project]\ndependencies = ["torch>=2.8,<2.10", "x"]\n',
    "uv.lock": '[[package]]\nname = "torch"\nversion = "2.9.1"\n[[package]]\nname = "app"\n[[package]]\nname = "torchx"\nversion = "1"\n',
}


@pytest.mark.parametrize(
    ("file", "asked"),
    [
        ("requirements.txt", ["torchvision", "TorchAudio>=2", "torch==2.5.1"]),
        ("pyproject.toml", ["torch<2.10,>=2.8"]),
        ("uv.lock", ["torch==2.9.1"]),
        ("again.txt", []),
    ],
)
def test_what_is_asked_of_torch_is_read_from_each_kind_of_file(file: str, asked: list[str]) -> None:
    assert [f"{one.name}{one.specifier}" for one in torch_asked(file, FILES.__getitem__)] == asked


@pytest.mark.parametrize("text", ["[project", "[[package]]\nname ="])
def test_a_file_that_is_no_toml_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="at end of document"):
        torch_asked("pyproject.toml", lambda _file: text)


@pytest.mark.parametrize(
    ("line", "others"),
    [
        ("torch", ()),
        ("torch==2.9.1", ()),
        ("torch==2.9.1+cu128", ()),
        ("torch>=2.8,<3", ()),
        ("torchaudio==1", ()),  # of which nothing is chosen
        ("torch==2.9.1+cu126", (OtherTorch("torch==2.9.1+cu126", "torch 2.9.1+cu128"),)),
        ("torch<2.9", (OtherTorch("torch<2.9", "torch 2.9.1+cu128"),)),
        ("TorchVision==0.23", (OtherTorch("TorchVision==0.23", "torchvision 0.24.1+cu128"),)),
    ],
)
def test_another_torch_is_one_that_no_right_version_satisfies(line: str, others: tuple[OtherTorch, ...]) -> None:
    assert others_than(torch_asked("requirements.txt", lambda _file: line), VERSIONS) == others
