"""Writes the numbering tables that are shipped: area codes and beginnings of postal codes."""
