"""The entry point of `python -m tracker`, which bin/tracker calls."""

from tracker.cli import main

if __name__ == "__main__":  # the processes of the web server import this file too, and must not start a server
    main()
