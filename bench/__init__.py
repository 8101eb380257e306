"""Measurements. `python -m bench NAME` or `python -m bench all`; figures go to docs/benchmarks.md."""
