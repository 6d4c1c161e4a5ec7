"""Measures a synchronisation beside the floor under it: `python -m tests.benchmarks`. Nothing here asserts a time."""
