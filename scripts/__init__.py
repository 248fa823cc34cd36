"""What builds parts of the product ahead of time. Nothing here runs where it is installed."""
