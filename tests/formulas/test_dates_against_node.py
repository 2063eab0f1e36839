"""Dates and names by chance, read by node and by us: the answers are the same."""

import json
import os
import subprocess
from collections.abc import Sequence
from random import Random
from typing import Any

from datalinks.formulas.javascript.dates import parse_date, parse_timestamp
from datalinks.formulas.names import parse_name
from sdk.process import FOLDER, node_command

COUNT = 3_000
SEED = 20240305

# Reads a list of texts from the standard input and writes the list of what a function makes of them.
ANSWER = """
    const { readFileSync } = require("node:fs");
    const texts = JSON.parse(readFileSync(0, "utf8"));
    process.stdout.write(JSON.stringify(texts.map(%s)));
"""
PARSE_DATE = "(text) => Date.parse(text)"
PARSE_TIMESTAMP = "(text) => require('@integration-app/sdk').parseDate(text)?.getTime()"
PARSE_NAME = """
    (text) => {
        const { firstName, lastName } = require("humanparser").parseName(text);
        return [firstName ?? null, lastName ?? null];
    }
"""

# Parts of texts stand in lines, since most of them are short.
WORDS = """
    Jan february MAR marx may sept DEC Tue AM pm a.m. UT UTC GMT Z EST PDT T th of foo é 日 [ _ 😀
""".strip().split(" ")
SYMBOLS = [*":.,-+/();*\0\t\n\u00a0\u2028\u3000\ufeff\x1c", "::", "--", "(x)", "(a(b)c)", *"      "]
YEARS = ["2024", "1999", "99", "49", "0", "12345", "+012024", "-000001", "-000000", "275760"]
TIMES = ["10:20", "1:2:3", "10:20:30.5", "24:00", "10::5", "12:00 AM", "13:00 pm", "10.5", "10:20:30:0000000040", ""]
ZONES = ["", "Z", " GMT", " EST", " +0530", " +5:30", "-8", " GMT-08:00", " +12345", " +596523:15", " (CET)", "+24:00"]
SEPARATORS = ["-", "-", "/", " ", ", ", ".", ""]

NAME_WORDS = """
    Ann John Smith O'Brien van der DE la von St. Mr Mr. Dr Sr Sr. Jr jr, III v M.D. Q. , ,, . & É 😀 de.l
""".strip().split(" ")
QUOTED = ['"', '""', '"Big Bob"', '"a,b"', '" "', '"a\nb"']
NAME_PARTS = [*NAME_WORDS, *QUOTED, "Smith,", "Smith,Jr", ",Jr", "\ud800", "\u212ac"]
NAME_SPACES = [*" " * 9, "  ", "\t", "\n", "\u00a0", "\u2028", "\ufeff", "\x1c", "\x85", ",", ", ", " , ", '"', ""]


def ask_node(function: str, texts: Sequence[str]) -> list[Any]:
    """What a JavaScript function answers to each text."""
    run = subprocess.run(
        node_command("--eval", ANSWER % function),
        cwd=FOLDER,
        env={**os.environ, "TZ": "UTC"},
        input=json.dumps(texts),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    return json.loads(run.stdout)


def number(random: Random) -> str:
    digits = random.choice([1, 1, 2, 2, 2, 3, 4, 4, 6, 10])
    value = random.randrange(10**digits)
    return f"{value:0{digits}}" if random.random() < 0.5 else f"{value % 40}"


def dated(random: Random) -> str:
    """A text in the shape of a date, standard or not."""
    month, day = random.choice([f"{random.randrange(14):02}", "Mar", "3"]), f"{random.randrange(33):02}"
    parts = [random.choice(YEARS), month, day]
    if random.random() < 0.3:
        random.shuffle(parts)
    date = random.choice(SEPARATORS).join(parts[: random.choice([1, 2, 3, 3, 3])])
    return f"{date}{random.choice('TTt  ')}{random.choice(TIMES)}{random.choice(ZONES)}"


def jumbled(random: Random) -> str:
    """Numbers, words and symbols in any order."""
    kinds = [lambda: number(random), lambda: random.choice(WORDS), lambda: random.choice(SYMBOLS)]
    return "".join(random.choices(kinds, weights=[4, 2, 4])[0]() for _ in range(random.randrange(10)))


def disturbed(random: Random, text: str) -> str:
    """The text with something put in or left out."""
    place = random.randrange(len(text) + 1)
    return f"{text[:place]}{random.choice([*SYMBOLS, *WORDS, ''])}{text[place + random.randrange(2) :]}"


def date_text(random: Random) -> str:
    text = random.choice([dated, jumbled])(random)
    return disturbed(random, text) if random.random() < 0.3 else text


def name_text(random: Random) -> str:
    return "".join(random.choice(NAME_PARTS) + random.choice(NAME_SPACES) for _ in range(random.randrange(8)))


def differences(texts: Sequence[str], ours: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    return [each for each in zip(texts, ours, theirs, strict=True) if each[1] != each[2]]


def test_dates_are_read_as_by_node() -> None:
    random = Random(SEED)
    texts = [date_text(random) for _ in range(COUNT)]

    answers = ask_node(PARSE_DATE, texts)

    assert sum(answer is not None for answer in answers) > COUNT // 8
    assert differences(texts, [parse_date(text) for text in texts], answers) == []


def test_timestamps_are_taken_as_by_the_sdk() -> None:
    random = Random(SEED)
    texts = [date_text(random) for _ in range(COUNT // 2)]
    texts += [f"{random.choice(['', ' ', '-', '0x'])}{random.randrange(10**digits)}" for digits in range(8, 18)] * 9

    answers = ask_node(PARSE_TIMESTAMP, texts)

    assert differences(texts, [parse_timestamp(text) for text in texts], answers) == []


def test_names_are_taken_apart_as_by_humanparser() -> None:
    random = Random(SEED)
    texts = [name_text(random) for _ in range(COUNT)]
    names = [parse_name(text) for text in texts]

    answers = ask_node(PARSE_NAME, texts)

    assert differences(texts, [[name.first, name.last] for name in names], answers) == []
