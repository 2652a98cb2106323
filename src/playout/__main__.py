"""``python -m playout``: the same as the command `playout`."""

from playout.present.cli import main

main()
