"""The benchmark: the server and its peers side by side on this machine, in one run. See README.md."""
