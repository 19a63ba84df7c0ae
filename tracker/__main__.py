"""`python -m tracker`, which bin/tracker calls."""

from tracker.cli import main

main()
