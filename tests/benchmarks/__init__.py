"""How fast the system is, beside what else one could have built: `python -m tests.benchmarks`."""
