"""Cards of other makers, by what only their drivers and tools put on a box."""

from __future__ import annotations

# What is there only with a card of another maker, and whose it is.
OTHERS = {
    "/etc/nv_tegra_release": "a Jetson's, whose PyTorch is in the wheels of NVIDIA's JetPack",
    "/dev/davinci0": "Huawei's",
    "/dev/kfd": "AMD's",
    "npu-smi": "Huawei's",
    "rocm-smi": "AMD's",
    "amd-smi": "AMD's",
    "hy-smi": "Hygon's",
    "mthreads-gmi": "Moore Threads'",
    "ixsmi": "Iluvatar's",
    "mx-smi": "MetaX's",
    "cnmon": "Cambricon's",
    "brsmi": "Biren's",
    "xpu-smi": "Intel's",
    "hl-smi": "Intel's",
    "neuron-ls": "AWS's",
}
