"""gpustrap: one command turns a freshly rented GPU instance into your machine."""

__version__ = "0.1.0"
