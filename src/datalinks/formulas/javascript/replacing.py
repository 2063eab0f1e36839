"""The holes of ``$tpl``: what JavaScript's ``replace`` makes of a key that it reads as a pattern."""

import re
from typing import Any

import re2  # type: ignore[reportMissingTypeStubs] - the package has none

_METACHARACTERS = re.compile(r"[\\^$.*+?()\[\]{}|]")
# In a replacement: $$, $&, what stands before and after the match, and its groups.
_REFERENCE = re.compile(r"\$(?:([$&`'])|([0-9]{1,2}))")


def fill_holes(template: str, key: str, value: str) -> str:
    """The template with every ``{key}`` replaced.

    The reference reads a key as a regular expression, so that ``{a.b}`` is also ``{axb}``, and in a value ``$&`` as what
    was found, ``$1`` as a group of it and ``$$`` as a dollar sign. Both hold here, with an engine that takes linear
    time; what only an engine knows that can be made to run for ever (looking around, references back), and what is no
    expression at all, is the key as plain text.
    """
    if _METACHARACTERS.search(key):
        try:
            return _substitute(_compiled(key), template, value)
        except (re2.error, UnicodeEncodeError):  # type: ignore[reportUnknownMemberType] - no types
            pass
    if "$" not in value:
        return template.replace(f"{{{key}}}", value)
    return _substitute(re.compile(re.escape(f"{{{key}}}")), template, value)


def _compiled(key: str) -> Any:
    options = re2.Options()  # type: ignore[reportUnknownMemberType] - no types
    options.log_errors = False
    return re2.compile(rf"\{{{key}\}}", options)  # type: ignore[reportUnknownMemberType] - no types


def _substitute(pattern: Any, template: str, value: str) -> str:
    return pattern.sub(lambda match: _expand(value, match), template)  # type: ignore[reportUnknownLambdaType] - no types


def _expand(value: str, match: Any) -> str:
    return _REFERENCE.sub(lambda reference: _referred(reference, match), value)


def _referred(reference: re.Match[str], match: Any) -> str:
    sign, number = reference.groups()
    if sign == "$":
        return "$"
    if sign == "&":
        return match.group()
    if sign == "`":
        return match.string[: match.start()]
    if sign == "'":
        return match.string[match.end() :]
    return _group(number, match)


def _group(number: str, match: Any) -> str:
    """A group by its number of one or two digits, whichever there is; none is the reference as it is written."""
    count = match.re.groups
    for digits in (len(number), 1):
        index = int(number[:digits])
        if 1 <= index <= count:
            return (match.group(index) or "") + number[digits:]
    return f"${number}"
