"""Trunkline: phone-system data in datasets you own."""

__version__ = "0.1.0"
