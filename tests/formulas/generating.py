"""Formulas by chance: sensible ones, and ones that nobody would write."""

from collections.abc import Sequence
from random import Random
from typing import Any, Protocol

from datalinks.formulas.values import is_array

VARIABLES: dict[str, Any] = {
    "user": {
        "id": "u1",
        "name": "Ann Lee",
        "email": "ann@ex.com",
        "tags": ["a", "b"],
        "age": 30,
        "zero": 0,
        "empty": "",
        "no": False,
        "yes": True,
        "nil": None,
        "nested": {"deep": {"v": 1}},
    },
    "input": {
        "amount": "12.50",
        "status": "Won",
        "at": "2024-03-05T23:30:00-05:00",
        "items": [{"id": 1, "name": "x", "qty": 2}, {"id": 2, "name": "y", "qty": 0}, {"id": 3}],
        "matrix": [[1, 2], [3, [4, 5]], []],
        "dot.key": "D",
        "falsy": [0, "", False, None, "last"],
        "0": "zero",
    },
    "list": [3, 1, 2],
    "ids": ["ext1", "nope", "ext2"],
    "emptyList": [],
    "emptyObj": {},
}
LOCATORS = [
    "$", "user", "user.id", "$.user.name", "user.email", "user.tags", "user.tags[0]", "user.tags.1", "user.age", "user.zero",
    "user.empty", "user.no", "user.yes", "user.nil", "user.nil.x", "user.nested", "user.nested.deep.v", "user.missing",
    "missing", "missing.x", "input.amount", "input.status", "input.at", "input.items", "input.items[0]", "input.items[0].name",
    "input.items[1].qty", "input.items.name", "input.items.length", "input.items[2].qty", "input.matrix", "input.matrix[1][1][0]",
    "input.matrix.1.1", "input.dot\\.key", "input.falsy", "input.falsy[0]", "input.falsy.0", "input.falsy[3]", "input.falsy[4]",
    "input.0", "input[0]", "list", "list[0]", "list[1.5]", "list[ 1 ]", "list[1e0]", "list[0x1]", "list[]", "ids", "emptyList", "emptyObj", "item",
    "item.id", "item.name", "item.qty", "parent.user.id", "parent.parent.list", "index", "parent.item", "user.", ".user", "user..id",
    "user[id]", "user['id']", "[0]", "$[0]", "$x", "$$", "", "a[", "a[0]b", "user\\.id", "a\\", "[-1]", "user[*]", "input.items[9].x",
]  # fmt: skip
SCALARS: list[Any] = [
    None, True, False, 0, 1, -1, 2, 5, 30, 1.5, -0.5, 1e21, 1e-7, 12345678901, 0.1, 123456789012345680000, "", " ", "0", "1", "5", "1.0", "01", " 5 ", "5px", "-3", "1e3",
    "0x10", "Infinity", "NaN", "true", "false", "null", "undefined", "a", "b", "A", "Won", "won", "u1", "Ann Lee", "ann@ex.com", "a@b@c", "@", "ext1", "ext2",
    "app1", "users", "a,b", "1,2", "[object Object]", "Dr. John Smith Jr.", "Smith, John", "Ludwig van Beethoven", "2024-03-05",
    "2024-03-05T10:20:30Z", "March 5, 2024 4:05 PM", "3/5/2024", "é", "É", "\u00a05", "ß", "İ", "😀", "$&", "{a}", "x{b}y",
]  # fmt: skip
KEYS = ["a", "b", "c", "id", "key", "value", "0", "1", "x.y", "$x", "$VAR", "qty", "name", "from", "to", "filter"]
EVAL_OPERATORS = ["is", "isNot", "oneOf", "noneOf", "contains", "doesNotContain", "lt", "lte", "gt", "gte", "isEmpty", "isNotEmpty", "$gt", "nope"]  # fmt: skip
CONDITION_OPERATORS = [
    "is", "is_not", "is_one_of", "is_not_one_of", "is_true", "is_false", "contains", "does_not_contain", "array_includes",
    "array_does_not_include", "less_than", "less_than_or_equal", "more_than", "more_than_or_equal", "is_empty", "is_not_empty", "nope",
]  # fmt: skip
OF_MEMBERS = ["and", "or", "firstNotEmpty", "mergeObjects"]
OPERATORS = [
    *OF_MEMBERS, "var", "eval", "concat", "tpl", "case", "map", "iterate", "find", "firstName", "lastName", "extractDate",
    "extractTime", "domainFromEmail", "plain", "record", "copy", "lookup", "dataSchemaRef",
]  # fmt: skip
TEMPLATES = ["{a}", "{a}-{b}", "Hi {a} {x.y} {0}!", "{{a}}", "{ a }", "", "{a}{a}{b}", "no holes", "{A}{xay}"]


class Source(Protocol):
    """Where chance comes from."""

    def random(self) -> float:
        """At least 0, less than 1."""
        ...

    def choice(self, options: Sequence[Any], /) -> Any:
        """One of the options."""
        ...

    def randrange(self, stop: int, /) -> int:
        """At least 0, less than ``stop``."""
        ...


class Bytes:
    """Chance that is given as bytes; what comes behind their end is always the first."""

    def __init__(self, data: bytes) -> None:
        self._data = iter(data)

    def random(self) -> float:
        """A byte's share."""
        return next(self._data, 0) / 256

    def choice(self, options: Sequence[Any], /) -> Any:
        """The option that a byte names."""
        return options[self.randrange(len(options))]

    def randrange(self, stop: int, /) -> int:
        """What one byte says, or two if there is more to say."""
        number = next(self._data, 0)
        return (number if stop <= 256 else number * 256 + next(self._data, 0)) % stop


class Generator:
    """Makes formulas, values and filters; the same chance makes the same ones."""

    def __init__(self, source: int | Source) -> None:
        self.random: Source = Random(source) if isinstance(source, int) else source

    def choose(self, options: list[Any]) -> Any:
        return self.random.choice(options)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def plain(self, depth: int = 2) -> Any:
        kind = self.random.random()
        if depth <= 0 or kind < 0.6:
            return self.choose(SCALARS)
        if kind < 0.8:
            return [self.plain(depth - 1) for _ in range(self.random.randrange(4))]
        return {self.choose(KEYS): self.plain(depth - 1) for _ in range(self.random.randrange(4))}

    def value(self, depth: int) -> Any:
        """A value with formulas in it."""
        kind = self.random.random()
        if depth <= 0:
            return self.var() if kind < 0.5 else self.choose(SCALARS)
        if kind < 0.6:
            return self.formula(depth)
        if kind < 0.7:
            return self.members(depth - 1)
        if kind < 0.8:
            return {self.choose(KEYS): self.value(depth - 1) for _ in range(self.random.randrange(4))}
        return self.plain(1)

    def members(self, depth: int) -> list[Any]:
        return [self.value(depth) for _ in range(self.random.randrange(4))]

    def members_or_value(self, depth: int) -> Any:
        return self.members(depth) if self.chance(0.8) else self.value(depth)

    def var(self) -> Any:
        if self.chance(0.03):
            return {"$var": self.choose([*SCALARS, [], {}, {"$var": "user.id"}])}
        return {"$var": self.choose(LOCATORS)}

    def formula(self, depth: int) -> Any:
        name = self.choose(OPERATORS)
        make = getattr(self, f"make_{name}", None)
        formula = make(depth - 1) if make else self.simple(name, depth - 1)
        if self.chance(0.04):
            formula[self.choose(KEYS)] = self.plain(1)
        return formula

    def simple(self, name: str, depth: int) -> Any:
        return {f"${name}": self.members_or_value(depth) if name in OF_MEMBERS else self.value(depth)}

    def make_var(self, depth: int) -> Any:
        return self.var()

    def make_record(self, depth: int) -> Any:
        return {"$record": self.plain()}

    def make_copy(self, depth: int) -> Any:
        return {"$copy": self.choose(LOCATORS)}

    def make_eval(self, depth: int) -> Any:
        formula = {"$eval": self.value(depth)}
        if self.chance(0.95):
            formula[self.choose(EVAL_OPERATORS)] = self.value(depth) if self.chance(0.7) else self.members(depth)
        return formula

    def make_concat(self, depth: int) -> Any:
        if self.chance(0.5):
            return {"$concat": self.members_or_value(depth)}
        args = {"values": self.members_or_value(depth), "delimiter": self.value(depth - 1)}
        if self.chance(0.3):
            del args["delimiter"]
        return {"$concat": args}

    def make_tpl(self, depth: int) -> Any:
        values = {self.choose(["a", "b", "x.y", "0", "A"]): self.value(depth) for _ in range(self.random.randrange(4))}
        return {"$tpl": {"template": self.choose(TEMPLATES), "values": values} if self.chance(0.95) else self.plain()}

    def make_case(self, depth: int) -> Any:
        cases = [self.one_case(depth) for _ in range(self.random.randrange(4))]
        if self.chance(0.3):
            return {"$case": cases}
        args: dict[str, Any] = {"cases": cases if self.chance(0.97) else self.value(depth)}
        if self.chance(0.7):
            args["default"] = self.value(depth)
        return {"$case": args}

    has_lists_of_conditions = True

    def one_case(self, depth: int) -> Any:
        case = {"value": self.value(depth)}
        if self.chance(0.8):
            is_list = self.has_lists_of_conditions and self.chance(0.5)
            case["filter"] = self.conditions() if is_list else self.filter_formula(depth)
        return case if self.chance(0.97) else self.plain(1)

    def filter_formula(self, depth: int) -> Any:
        filter = self.value(depth)
        return {"a": filter} if is_array(filter) else filter

    def conditions(self) -> list[Any]:
        return [self.condition() for _ in range(self.random.randrange(3))]

    def condition(self) -> dict[str, Any]:
        condition = {"field": self.choose(LOCATORS), "operator": self.choose(CONDITION_OPERATORS)}
        if self.chance(0.9):
            condition["value"] = self.plain(1)
        return condition

    def make_map(self, depth: int) -> Any:
        mapping = [{"from": self.value(depth), "to": self.value(depth)} for _ in range(self.random.randrange(4))]
        args = {"value": self.value(depth), "mapping": mapping, "default": self.value(depth)}
        if self.chance(0.3):
            del args[self.choose(list(args))]
        return {"$map": args if self.chance(0.97) else self.plain()}

    def make_iterate(self, depth: int) -> Any:
        source = {"$var": self.choose(["list", "ids", "input.items", "input.falsy", "input.matrix", "user.tags"])}
        return {"$iterate": {"source": source if self.chance(0.7) else self.value(depth), "item": self.value(depth)}}

    def make_find(self, depth: int) -> Any:
        name = self.choose(["$findAppRecordId", "$findExternalRecordId"])
        record = self.choose([{"$var": "item"}, "ext1", "app1", "nope", self.value(depth)])
        table = {"key": self.choose(["users", "users", "nope", "", {"$var": "user.missing"}])}
        args = {"dataLinkTable": table if self.chance(0.9) else self.value(depth), "recordId": record}
        return {name: args if self.chance(0.95) else self.value(depth)}
