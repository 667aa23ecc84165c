"""`python -m gpustrap`."""

from gpustrap.cli.main import main

main()
