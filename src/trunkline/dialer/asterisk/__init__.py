"""The dialer's calls made real: the managers of its servers, what is asked of them, and what came of it."""
