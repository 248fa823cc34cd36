"""Rights that a token of the JSON API can have. They stand among its functions, and are always named."""

READ = "clickto.read"
WRITE = "clickto.write"
CALL = "clickto.call"
RIGHTS = (READ, WRITE, CALL)
