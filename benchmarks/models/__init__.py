"""Measurements of the room of models."""
