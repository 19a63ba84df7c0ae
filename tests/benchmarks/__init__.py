"""Benchmarks, each beside a small hand-written reference in the same run. They are not part of the tests."""
