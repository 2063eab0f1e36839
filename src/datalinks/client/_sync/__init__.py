"""The client without asyncio. Every module here is made from the one of the same name in ``_async``."""
