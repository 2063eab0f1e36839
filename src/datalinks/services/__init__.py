"""What is allowed: who may do what, in one transaction each, through the store."""
