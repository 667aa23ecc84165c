"""`gpustrap` and `python -m gpustrap`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """The console script. Ctrl-C while its own modules are still read ends as it does later."""
    try:
        from gpustrap.cli.main import main as run
    except KeyboardInterrupt:
        _stopped()
    else:
        run()


def _stopped() -> None:
    import json

    from gpustrap.errors import INTERRUPTED, stopped

    print(stopped(), file=sys.stderr)
    if "--json" in sys.argv:
        print(json.dumps({"error": [stopped().as_json()]}))
    sys.stdout.flush()
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
