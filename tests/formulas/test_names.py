"""Personal names as the npm package humanparser takes them apart. The expected values are its answers."""

import pytest

from datalinks.formulas.names import PersonName, parse_name

NAMES = [
    ("John", "John", ""),
    ("John Smith", "John", "Smith"),
    ("John Q. Public", "John", "Public"),
    ("Dr. John Smith Jr.", "John", "Smith"),
    ("Dr. Smith", None, "Smith"),
    ("Mr", "Mr", ""),
    ("Mr.", "Mr.", ""),
    ("John III", "John", ""),
    ("Jr.", "Jr.", ""),
    ("Sr Lopez", None, "Lopez"),
    ("Sr Sr", "Sr", ""),
    ("Smith, John", "John", "Smith"),
    ("Smith, John Q.", "John", "Smith"),
    ("Smith,John", "John", "Smith"),
    ("Smith , John", "John", "Smith"),
    ("Smith ,John", None, "Smith John"),
    ("Smith,", "Smith,", "Smith"),
    (",John", ",John", "John"),
    (",", ",", ""),
    ("Hearst Jr., William Randolph", "William", "Hearst"),
    ("Smith, Jr.", "Smith", ""),
    ("Smith, John, Jr.", "John", "Smith"),
    ("Jr., John", "John", ""),
    ("van Gogh, Vincent", "Vincent", "van Gogh"),
    ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
    ("Vincent van der Berg", "Vincent", "van der Berg"),
    ("de la Cruz", "de", "la Cruz"),
    ("Ann St. John", "Ann", "St. John"),
    ("Mary Ann De La O", "Mary", "De La O"),
    ("van Gogh", "van", "Gogh"),
    ('"Big Bob" Smith', "Big Bob", "Smith"),
    ('Bob "van Smith"', "Bob", "van Smith"),
    ('"a,b" c', "c", "a b"),
    ('"a\nb" c', '"a\nb"', "c"),
    ('Bob "', "Bob", ""),
    ('""', "", ""),
    ('"', '"', ""),
    ('"""', '"', ""),
    ("  John\tSmith \ufeff", "John", "Smith"),
    ("John\u00a0Smith", "John", "Smith"),
    ("John\u001cSmith", "John\u001cSmith", ""),
    ("John\u0085Smith", "John\u0085Smith", ""),
    ("\u00c9,B", "\u00c9,B", "\u00c9B"),
    ("A,B,C", "B,C", "A"),
    ("a  ,  b", "b", "a"),
    ("\u00e9 ,b", None, "\u00e9 b"),
    ("Mr , Jr", "Mr", ""),
    ("Mr. , Jr", None, ""),
    ("John p.h.d", "John", ""),
    ("John \u212ac", "John", ""),
    ("", "", ""),
    ("   ", "", ""),
    ("\ud83d\ude00 X", "\ud83d\ude00", "X"),
    ("\ud800 X", "\ud800", "X"),
    ('Mr "Q" van V.', "Q", "van"),
]
MILLION = 1_000_000


@pytest.mark.parametrize(("text", "first", "last"), NAMES, ids=ascii)
def test_a_name_is_taken_apart_as_by_humanparser(text: str, first: str | None, last: str | None) -> None:
    assert parse_name(text) == PersonName(first, last)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (",", PersonName("a" + "," * MILLION + "b", "a" + "," * (MILLION - 1) + "b")),
        (" ", PersonName("a", "b")),
        ("\u00a0", PersonName("a", "b")),
        ('"', PersonName("a", "b")),
    ],
    ids=ascii,
)
def test_a_long_text_is_answered(unit: str, expected: PersonName) -> None:
    assert parse_name(f"a{unit * MILLION}b") == expected


def test_a_long_last_name_of_particles_is_answered() -> None:
    particles = "de " * (MILLION // 3)

    assert parse_name(f"a {particles}b") == PersonName("a", f"{particles}b")
