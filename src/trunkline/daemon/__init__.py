"""One process that keeps the installation open, and the local socket through which commands use it."""
