"""Writes the OpenAPI document as JSON: ``python scripts/openapi.py dist/openapi.json``."""

import sys
from pathlib import Path

from datalinks.api.openapi import openapi_json
from datalinks.api.routes import routes

if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(openapi_json(list(routes()), ""))
