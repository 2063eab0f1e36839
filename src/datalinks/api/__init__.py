"""The HTTP API: one route table (``routes``), from which requests are served and the OpenAPI document is made."""
