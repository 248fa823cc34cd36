"""Who may use this installation from outside: tokens of the API."""
