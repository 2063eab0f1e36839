"""What can be wrong with a formula, and with what the helpers around formulas are given.

Each is raised with the place in the formula, where there is one: ``error.data["path"]``.
"""

from datalinks.errors import FormulaError


class InvalidLocator(FormulaError):
    """A locator is not written as locators are, or leads to no place."""


class CopyOfCopy(FormulaError):
    """A ``$copy`` points at a place that holds or contains a ``$copy`` itself."""


class LimitReached(FormulaError):
    """A formula is too deep or too large, takes too many steps, or makes too large a result."""


class NotAvailable(FormulaError):
    """A formula needs something that this server, or this use of formulas, does not have."""


class NotAnswered(FormulaError):
    """What a formula asks for cannot be found out, or took too long."""


class WrongArgument(FormulaError):
    """An operator was given something that it cannot compute with."""
