"""Keeping an installation: backup and restore, exchanging the key."""
