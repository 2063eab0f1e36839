"""What tests share: a running server, an application in process, tokens."""
