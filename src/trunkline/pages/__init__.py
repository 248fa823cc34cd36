"""The pages: the Data Center in a browser."""
