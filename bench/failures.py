"""Why a contender has no figure."""


class NotRun(Exception):
    """Something that a contender needs is not on this machine; the message says what, and how to get it."""


class BenchFailed(Exception):
    """A contender ran and did not do what it should have: its figure would mean nothing."""
