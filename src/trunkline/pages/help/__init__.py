"""Help: the guides and the reference of docs/, drawn as pages."""
