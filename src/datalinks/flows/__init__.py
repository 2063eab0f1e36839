"""Flows: graphs of nodes that run for a connection, durably and exactly once where their effects are our own."""
