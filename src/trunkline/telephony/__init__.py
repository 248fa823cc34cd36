"""Asterisk's manager (AMI) behind one class: calls placed and followed, reloads, commands.

`Asterisk` talks to one server, `Exchange` keeps one of it for each. It knows no tables and no functions.
"""
