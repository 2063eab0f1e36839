"""User expressions run here, in processes that can be killed: never in the server's own.

``jsonata`` is what the rest of the program uses; ``pool`` and ``process`` are the parent's side, ``child`` the other.
Nothing is imported here, as a child loads this package too and should start quickly.
"""
