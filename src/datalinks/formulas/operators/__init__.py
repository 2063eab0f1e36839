"""The operators of the language, one module for each family. A class with a name in a module here is an operator."""
