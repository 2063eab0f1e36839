"""Link files: CSV, JSON lines and Parquet, read and written as streams.

Nothing here knows of a store, a service or the web: bytes come in and columns go out, or the other way round.
"""

from datalinks.files.chunks import BadRow, Chunk
from datalinks.files.columns import Columns
from datalinks.files.formats import FileFormat
from datalinks.files.reading import open_reader, read_chunks
from datalinks.files.rejects import RejectsWriter
from datalinks.files.writing import LinkRow, LinkWriter, link_writer

__all__ = [
    "BadRow",
    "Chunk",
    "Columns",
    "FileFormat",
    "LinkRow",
    "LinkWriter",
    "RejectsWriter",
    "link_writer",
    "open_reader",
    "read_chunks",
]
