"""The kinds of nodes, one module each. A class with a type in a module here is a kind."""
