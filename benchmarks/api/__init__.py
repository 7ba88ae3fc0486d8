"""Benchmarks of the API."""
