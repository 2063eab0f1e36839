"""The command line: the same services as the API, called by whoever runs the server."""
