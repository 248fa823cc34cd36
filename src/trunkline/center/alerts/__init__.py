"""Alerts: what is wrong with datasets and accounts, kept as incidents and told on channels."""
