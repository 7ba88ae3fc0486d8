"""Benchmarks of bulk."""
