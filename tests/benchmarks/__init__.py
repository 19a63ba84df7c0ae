"""How fast it is, each figure beside a small hand-written reference in the same run. Not part of the tests."""
