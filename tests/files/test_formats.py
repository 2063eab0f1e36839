"""Which format a file is in."""

import pytest

from datalinks.errors import BadRequest, UnsupportedMediaType
from datalinks.files import FileFormat


@pytest.mark.parametrize(
    ("declared", "file_format"),
    [
        ("text/csv", FileFormat.CSV),
        ("Text/CSV; charset=UTF-8; header=present", FileFormat.CSV),
        ('text/csv;charset="utf-8"', FileFormat.CSV),
        ("application/jsonl", FileFormat.JSON_LINES),
        ("application/x-ndjson", FileFormat.JSON_LINES),
        ("application/vnd.apache.parquet", FileFormat.PARQUET),
    ],
)
def test_media_type_says_the_format(declared: str, file_format: FileFormat) -> None:
    assert FileFormat.from_media_type(declared) is file_format


@pytest.mark.parametrize("declared", ["", "application/json", "text/csv; charset=utf-16", "multipart/form-data"])
def test_other_media_types_are_refused(declared: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        FileFormat.from_media_type(declared)


@pytest.mark.parametrize(
    ("name", "file_format"),
    [
        ("links.csv", FileFormat.CSV),
        ("a.b/LINKS.CSV", FileFormat.CSV),
        ("links.jsonl", FileFormat.JSON_LINES),
        ("links.ndjson", FileFormat.JSON_LINES),
        ("links.parquet", FileFormat.PARQUET),
    ],
)
def test_name_says_the_format(name: str, file_format: FileFormat) -> None:
    assert FileFormat.from_name(name) is file_format


@pytest.mark.parametrize("name", ["", "links", "links.csv.gz", "links.txt", ".csv"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(BadRequest, match=r"must end in one of \.csv, \.jsonl, \.ndjson, \.parquet"):
        FileFormat.from_name(name)


@pytest.mark.parametrize("file_format", list(FileFormat))
def test_a_format_is_found_by_its_own_media_type_and_suffix(file_format: FileFormat) -> None:
    assert FileFormat.from_media_type(file_format.media_type) is file_format
    assert FileFormat.from_name(f"links.{file_format}") is file_format
