"""Pretend phone systems that run on this machine: for the demo, the tests and for trying things out."""
