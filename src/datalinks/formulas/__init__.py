"""Formulas: expressions inside JSON that compute values from variables, the same as in the reference's SDK."""
