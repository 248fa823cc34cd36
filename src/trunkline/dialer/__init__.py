"""The Dialer360 API: declared commands over the dialer's own tables."""
