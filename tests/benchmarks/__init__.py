"""What a hook costs. Run with `python -m tests.benchmarks`."""
