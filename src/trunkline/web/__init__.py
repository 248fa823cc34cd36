"""The web server: the Dialer360 API on its two classic paths and as JSON."""
