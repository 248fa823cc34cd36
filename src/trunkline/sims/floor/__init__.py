"""A pretend call center: people, calls and what both leave in the dialer's tables, second by second.

Nothing here knows a database. The floor (`floor.Floor`) writes into a book (`book.Book`), and whoever keeps
the rows takes them from there.
"""
