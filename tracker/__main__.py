"""`python -m tracker`, which bin/tracker calls."""

from tracker.cli import main

if __name__ == "__main__":  # the web server's processes import this file too, and are not to start a server each
    main()
