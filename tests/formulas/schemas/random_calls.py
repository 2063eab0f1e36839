"""Calls of the helpers by chance: with schemas and values as people write them, and with odd ones."""

from collections.abc import Callable
from random import Random
from typing import Any

from datalinks.formulas.values import is_object

NAMES = [
    "a",
    "b",
    "c",
    "firstName",
    "x.y",
    "a b",
    "0",
    "10",
    "a[0]",
    "$",
    "$x",
    "",
    "_",
    "aBCd-e_f",
    "läng",
    "HTTPUrl2x",
]
TYPES = ["object"] * 6 + ["array"] * 4 + ["string", "number", "integer", "boolean", "null"] * 2 + ["file", None, ""]
SCALARS: list[Any] = [
    None, True, False, 0, 1, -1, 1.5, 12, 1e21, "", "a", "1", " 2.5 ", "1e3", "0x1F", "true", "false", "Infinity", "x y", "null",
]  # fmt: skip
LOCATORS = [
    "$", "a", "$.a", "a.b", "$.b.c", "a.b.c", "a[0]", "a[0].b", "b[1]", "$[0]", "$[0].a", "x\\.y", "x.y", "0", "firstName", "c.length",
    "a.0", "", ".", "a.", "$x", "a[", "a[x]", "a[-1]", "a[0]b", "_", "aBCd-e_f", "läng", "a b", "$.$", "b", "c", "c.a", "10",
]  # fmt: skip
ODD: list[Any] = [None, True, False, 0, 5, "", "ab", [], {}, ["a"], {"a": 1}]
NOTHINGS: list[Any] = [None, "", 0, {}]
ODD_PARAMETERS: list[Any] = [*NOTHINGS, "q", [1]]
NO_LISTS: list[Any] = [None, "a", {}, 5]
POINTERS: list[Any] = ["/data/tasks", "/data/", "tasks", "/data/a?b=c", None, "", 5, [], {}]
KEYS: list[Any] = ["tasks", "tasks", "x y", "", None, 7]
PARAMETERS: list[Any] = [*SCALARS, "ü~*'()!", [1, None], {}]
NODE_TYPES = ["filter", "for-each", "for-each-v2", "for-each-v2", "transform-data", None]


class Calls:
    """Makes calls; the same seed makes the same ones. ``oddness``: how often something is of no sensible kind."""

    def __init__(self, seed: int, oddness: float = 0.02) -> None:
        self._random = Random(seed)
        self._oddness = oddness

    def next(self) -> dict[str, Any]:
        """A function's name with its arguments."""
        name = self._random.choice(sorted(_MAKERS))
        arguments = _MAKERS[name](self)
        return {"fn": name, **dict(zip(("formula", "variables"), arguments, strict=False))}

    def schema(self, depth: int = 4) -> Any:
        if self._is_odd():
            return self._random.choice(ODD)
        if self._random.random() < 0.08:
            return {"anyOf": self.some(lambda: self.schema(depth - 1), 3), **self._marks()}
        schema: dict[str, Any] = self._marks() if self._random.random() < 0.5 else {}
        if self._random.random() < 0.95:
            schema["type"] = self._type()
        if schema.get("type") in ("object", ["object"]) and depth > 0 and self._random.random() < 0.9:
            schema |= self._object(depth)
        if schema.get("type") in ("array", ["array"]) and depth > 0 and self._random.random() < 0.85:
            schema["items"] = self.schema(depth - 1)
        return self._shuffled(schema)

    def object_schema(self) -> Any:
        """A schema that mostly is of an object."""
        schema = self.schema()
        if not is_object(schema) or schema.get("type") == "object" or self._is_odd():
            return schema
        return {"type": "object", **self._object(3)}

    def _object(self, depth: int) -> dict[str, Any]:
        names = self._random.sample(NAMES, self._random.randint(0, 4)) + self._random.sample(NAMES[:4], 2)
        result: dict[str, Any] = {"properties": {name: self.schema(depth - 1) for name in names}}
        if self._random.random() < 0.4:
            result["required"] = self.some(lambda: self._random.choice(ODD if self._is_odd() else NAMES), 3)
        if self._is_odd():
            result[self._random.choice(["properties", "required"])] = self._random.choice(NOTHINGS)
        return result

    def _type(self) -> Any:
        if self._random.random() < 0.15:
            return self.some(lambda: self._random.choice(TYPES), 3)
        return self._random.choice(TYPES)

    def _marks(self) -> dict[str, Any]:
        makers: dict[str, Callable[[], Any]] = {
            "readOnly": lambda: self._random.random() < 0.8,
            "writeOnly": lambda: self._random.random() < 0.8,
            "title": lambda: self._random.choice(["Title", "", "Other", None, 5]),
            "description": lambda: "x" * self._random.choice([0, 3, 50, 51, 299, 300, 301]),
            "default": lambda: self.value(1),
            "enum": lambda: self.some(lambda: self.value(0), 2),
            "allowCustom": lambda: True,
            "referenceCollection": lambda: {"key": "users"},
            "additionalProperties": lambda: self._random.random() < 0.5,
        }
        chosen = self._random.sample(sorted(makers), self._random.randint(0, 3))
        return {name: makers[name]() for name in chosen}

    def value(self, depth: int = 3) -> Any:
        kind = self._random.random()
        if depth <= 0 or kind < 0.3:
            return self._random.choice(SCALARS)
        if kind < 0.55:
            return self.some(lambda: self.value(depth - 1), 3)
        if kind < 0.6:
            return {self._random.choice(["$var", "$concat", "$nope"]): self.value(depth - 1)}
        return {name: self.value(depth - 1) for name in self._random.sample(NAMES, self._random.randint(0, 5))}

    def value_of(self, schema: Any, depth: int = 5) -> Any:
        """A value that mostly is as a schema asks for."""
        if not is_object(schema) or self._random.random() < 0.1 or depth <= 0:
            return self.value(1)
        if schema.get("type") == "array":
            return self.some(lambda: self.value_of(schema.get("items"), depth - 1), 3)
        properties = schema.get("properties")
        if schema.get("type") != "object" or not is_object(properties):
            return self.value(0)
        members = {name: self.value_of(member, depth - 1) for name, member in properties.items()}
        kept = {name: member for name, member in members.items() if self._random.random() < 0.8}
        return {**kept, **({"other": 1} if self._random.random() < 0.3 else {})}

    def locator(self) -> Any:
        return self._random.choice(ODD[:7]) if self._is_odd() else self._random.choice(LOCATORS)

    def valid_locator(self) -> str:
        """A locator that mostly is one."""
        return self._random.choice(LOCATORS if self._is_odd() else LOCATORS[:17])

    def locators(self) -> Any:
        if self._is_odd():
            return self._random.choice(NO_LISTS)
        return self.some(self._random.choice([self.locator, self.valid_locator]), 4)

    def some(self, make: Callable[[], Any], most: int) -> list[Any]:
        return [make() for _ in range(self._random.randint(0, most))]

    def options(self, *names: str) -> dict[str, bool]:
        return {name: self._random.random() < 0.5 for name in names}

    def location(self) -> Any:
        if self._random.random() < 0.2:
            return self._random.choice(POINTERS)
        names = ["a", "b c", "ä&=", "1", "~*-._", "%20"]
        parameters: dict[str, Any] = {self._random.choice(names): self._random.choice(PARAMETERS) for _ in "ab"}
        key = self._random.choice(KEYS)
        return {
            "key": key,
            "parameters": self._random.choice([parameters, parameters, self._random.choice(ODD_PARAMETERS)]),
        }

    def path(self) -> Any:
        parts = ["/data/", "data/", "/", "tasks", "?", "a=1", "&", "b=x+y", "=", "%C3%A4", "%zz", "%FF", "+", ";"]
        start = self._random.choice(["", "/data/k?", "data/k?", "/data/", "/data/k"])
        return start + "".join(self.some(lambda: self._random.choice(parts), 6))

    def nodes(self) -> dict[str, Any]:
        keys = self._random.sample(["t", "a", "b", "c", "d", "2", "10", "1"], self._random.randint(0, 8))
        # Most flows go one way; in the others there may be cycles.
        ahead = self._random.random() < 0.7
        return {key: self._node(keys[index + 1 :] if ahead else keys) for index, key in enumerate(keys)}

    def _node(self, keys: list[str]) -> dict[str, Any]:
        node: dict[str, Any] = {"type": self._random.choice(NODE_TYPES)}
        if self._random.random() < 0.8:
            node["links"] = self.some(lambda: {"key": self._random.choice([*keys, *keys, "ghost", "", None])}, 2)
        if self._random.random() < 0.5:
            node["config"] = {"rootNodeKey": self._random.choice([*keys, *keys, "ghost", None])}
        return node

    def node_key(self) -> str:
        return self._random.choice(["t", "a", "b", "c", "2", "10", "ghost"])

    def _shuffled(self, members: dict[str, Any]) -> dict[str, Any]:
        return {key: members[key] for key in self._random.sample(list(members), len(members))}

    def _is_odd(self) -> bool:
        return self._random.random() < self._oddness


def _fitting(calls: Calls) -> list[Any]:
    schema = calls.object_schema()
    options = calls.options(
        "normalizeValues", "addDefaults", "skipReadOnlyFields", "skipUnknownFields", "valueHasFormulas"
    )
    return [{"value": calls.value_of(schema), "schema": schema, "options": options}]


def _required(calls: Calls) -> list[Any]:
    schema = calls.object_schema()
    return [schema, calls.value_of(schema)]


def _found(calls: Calls) -> list[Any]:
    return [calls.value(1), calls.value(4)]


def _patch(calls: Calls) -> list[Any]:
    source, patch = calls.object_schema(), calls.object_schema()
    return [{"source": source, "patch": patch, "options": calls.options("readOnly", "writeOnly")}]


_Maker = Callable[[Calls], list[Any]]
_MAKERS: dict[str, _Maker] = {
    **dict.fromkeys(
        [
            "getLocatorsFromSchema",
            "excludeReadOnlyFieldsFromSchema",
            "excludeWriteOnlyFieldsFromSchema",
            "getRequiredFieldsFromSchema",
            "removeRequiredFieldsFromSchema",
            "isSchemaEmpty",
            "populateSchemaTitles",
            "generateExampleFromSchema",
            "compressDataSchema",
            "schemaHasProperties",
        ],
        lambda calls: [calls.object_schema()],
    ),
    **dict.fromkeys(
        ["schemaIsScalar", "schemaIsNumber", "schemaHasFixedValues", "schemaAllowsCustomValue"],
        lambda calls: [calls.schema(1)],
    ),
    **dict.fromkeys(
        ["getSchemaByLocator", "getNameForLocator", "getFullNameForLocator"],
        lambda calls: [calls.locator(), calls.object_schema()],
    ),
    **dict.fromkeys(
        ["pickFieldsFromSchema", "excludeFieldsFromSchema", "addRequiredFieldsToSchema"],
        lambda calls: [calls.locators(), calls.object_schema()],
    ),
    **dict.fromkeys(
        ["pickFieldsFromValue", "excludeFieldsFromValue"], lambda calls: [calls.locators(), calls.value(4)]
    ),
    **dict.fromkeys(
        ["getChildNodeKeys", "getParentNodeKeys", "getDownstreamNodeKeys", "getUpstreamNodeKeys"],
        lambda calls: [calls.node_key(), calls.nodes()],
    ),
    **dict.fromkeys(["getRootNodeKeys", "hasCycles"], lambda calls: [calls.nodes()]),
    **dict.fromkeys(
        ["getSchemaFromValue", "createSchema", "getLocatorsFromData", "truncateData"], lambda calls: [calls.value(4)]
    ),
    "createCompoundSchema": lambda calls: [calls.some(calls.value, 4)],
    "mergeSchemas": lambda calls: [calls.some(calls.schema, 4)],
    "patchSchema": _patch,
    "setSchemaAtLocator": lambda calls: [
        {"schema": calls.object_schema(), "locator": calls.valid_locator(), "value": calls.schema(1)}
    ],
    "getMissingRequiredFields": _required,
    "valueToSchema": _fitting,
    "makeDataLocationPath": lambda calls: [calls.location()],
    "parseDataLocationPath": lambda calls: [calls.path()],
    "dataLocationParametersMatch": lambda calls: [
        {"locationParameters": calls.value(1), "targetParameters": calls.value(1)}
    ],
    "isSameDataLocation": lambda calls: [calls.location(), calls.location()],
    "findValueLocators": _found,
    "createObjectFromLocators": lambda calls: [calls.locators()],
}
