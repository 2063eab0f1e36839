"""Datalinks keeps relations between records in a product and records in the apps its customers connect."""
