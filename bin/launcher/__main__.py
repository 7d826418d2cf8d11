"""The door, opened by the two shell scripts: `python bin/launcher up`, `… test`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from launcher.commands import main

    sys.exit(main(sys.argv[1:]))
