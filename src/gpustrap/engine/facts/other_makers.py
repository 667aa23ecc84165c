"""Cards of other makers, by what only their drivers and tools put on a box."""

from __future__ import annotations

from gpustrap.language import mark

# What is there only with a card of another maker, and whose it is.
OTHERS = {
    "/etc/nv_tegra_release": mark("a Jetson's, whose PyTorch is in the wheels of NVIDIA's JetPack"),
    "/dev/davinci0": mark("Huawei's"),
    "/dev/kfd": mark("AMD's"),
    "npu-smi": mark("Huawei's"),
    "rocm-smi": mark("AMD's"),
    "amd-smi": mark("AMD's"),
    "hy-smi": mark("Hygon's"),
    "mthreads-gmi": mark("Moore Threads'"),
    "ixsmi": mark("Iluvatar's"),
    "mx-smi": mark("MetaX's"),
    "cnmon": mark("Cambricon's"),
    "brsmi": mark("Biren's"),
    "xpu-smi": mark("Intel's"),
    "hl-smi": mark("Intel's"),
    "neuron-ls": mark("AWS's"),
}
