"""What is kept: SQL texts, the engines that run them, and the functions that turn rows into records."""
