"""How JavaScript reads, compares and prints values, for the formulas whose results depend on it."""
