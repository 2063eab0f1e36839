"""Fuzz the evaluator with atheris, which must be installed: ``PYTHONPATH=tests python tests/formulas/fuzz.py [-max_total_time=600]``.

Inputs are bytes that choose a formula, as in ``test_promises.py``; what is checked is the same.
"""

import sys

import atheris  # type: ignore[reportMissingImports] - installed by whoever fuzzes

with atheris.instrument_imports(include=["datalinks.formulas"]):  # type: ignore[reportUnknownMemberType] - as above
    from formulas.generating import VARIABLES, Bytes, Generator
    from formulas.promises import check, check_helpers


def try_one(data: bytes) -> None:
    """One input: the first byte says what is tried."""
    generator = Generator(Bytes(data[1:]))
    if data[:1] < b"\xc0":
        check(generator.value(5), VARIABLES)
    else:
        check_helpers(generator.value(4), generator.value(3))


if __name__ == "__main__":
    atheris.Setup(sys.argv, try_one)  # type: ignore[reportUnknownMemberType] - as above
    atheris.Fuzz()  # type: ignore[reportUnknownMemberType] - as above
