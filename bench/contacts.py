"""What formulas are measured with: contacts of a CRM, and a mapping of twenty fields to an app's own form of them."""

from typing import Any

import msgspec

RECORDS = 1_000
_NAMES = ("Dr. Ann B. Lee{}", "Vincent van Gogh{}", "Smith{}, John", "Mary Ann Jones{} PhD", "Cher{}")
_STATUSES = ("open", "won", "lost", "asleep")
_TABLE = "users"


class Job(msgspec.Struct, frozen=True):
    """What is computed: the mapping of every record.

    links: the app record of each external record that ``$findAppRecordId`` may ask for.
    """

    mapping: dict[str, Any]
    records: list[dict[str, Any]]
    links: dict[str, str]


def plain_job() -> Job:
    """Nothing but the variables is needed."""
    return _job({})


def links_job() -> Job:
    """Two links are found for each record."""
    return _job({"owner": _find("owner"), "author": _find("author.id")})


def jsonata_job() -> Job:
    """One expression is evaluated for each record."""
    return _job({"total": {"$jsonata": "$sum(lines.(price * quantity))"}})


def _job(more: dict[str, Any]) -> Job:
    links = {f"ext-{number}": f"app-{number}" for number in range(RECORDS)}
    return Job({**_mapping(), **more}, [_record(number) for number in range(RECORDS)], links)


def _record(number: int) -> dict[str, Any]:
    # No two are the same, so that nothing is gained by remembering one.
    name = _NAMES[number % len(_NAMES)].format(number)
    return {
        "id": f"00Q{number:015d}",
        "first": name.split()[0],
        "last": name.split()[-1],
        "full": name,
        "email": f"contact{number}@example.com",
        "emails": [{"value": f"work{number}@example.com", "kind": "work"}] if number % 3 else [],
        "status": _STATUSES[number % len(_STATUSES)],
        "amount": number * 3,
        "created": f"2024-03-{number % 28 + 1:02d}T10:{number // 60:02d}:{number % 60:02d}Z",
        "company": {"id": number, "name": f"Acme {number}"},
        "tags": ["new", "vip"] if number % 2 else ["new"],
        "lines": [{"sku": f"S-{line}", "price": 5 * line, "quantity": number % 7} for line in range(3)],
        "address": {"city": "Berlin"} if number % 5 else {"city": "Paris", "country": "FR"},
        "owner": f"ext-{number}",
        # A record in ten is written by someone who is linked to nobody.
        "author": {"id": f"ext-{number + RECORDS}" if number % 10 == 0 else f"ext-{RECORDS - number}"},
    }


def _mapping() -> dict[str, Any]:
    """Twenty fields."""
    return {
        "id": _var("$.id"),
        "name": {"$concat": {"values": [_var("first"), _var("last")], "delimiter": " "}},
        "email": {"$firstNotEmpty": [_var("emails[0].value"), _var("email")]},
        "domain": {"$domainFromEmail": _var("email")},
        "firstName": {"$firstName": _var("full")},
        "lastName": {"$lastName": _var("full")},
        "status": {
            "$map": {
                "value": _var("status"),
                "mapping": [_pair("open", "OPEN"), _pair("won", "WON"), _pair("lost", "LOST")],
                "default": "OTHER",
            }
        },
        "size": {
            "$case": {
                "cases": [_case(_eval("amount", "gt", 2_000), "large"), _case(_eval("amount", "gt", 200), "medium")],
                "default": "small",
            }
        },
        "day": {"$extractDate": _var("created")},
        "time": {"$extractTime": _var("created")},
        "greeting": {
            "$tpl": {
                "template": "Hello {first} of {company}!",
                "values": {"first": {"$firstName": _var("full")}, "company": _var("company.name")},
            }
        },
        "tags": {"$iterate": {"source": _var("tags"), "item": {"$concat": ["#", _var("item")]}}},
        "lines": {"$iterate": {"source": _var("lines"), "item": {"sku": _var("item.sku"), "of": _var("parent.id")}}},
        "isActive": {"$and": [_eval("status", "isNot", "lost"), _eval("email", "isNotEmpty", None)]},
        "isVip": {"$or": [_eval("amount", "gte", 2_500), _eval("tags", "contains", "vip")]},
        "address": {
            "$mergeObjects": [_var("address"), {"country": {"$firstNotEmpty": [_var("address.country"), "DE"]}}]
        },
        "source": "crm",
        "kind": {"$plain": "contact"},
        "list": {"$record": {"id": "list-1", "name": "Contacts"}},
        "company": _var("company"),
    }


def _var(locator: str) -> dict[str, Any]:
    return {"$var": locator}


def _eval(locator: str, operator: str, operand: Any) -> dict[str, Any]:
    return {"$eval": _var(locator), operator: operand}


def _case(filter: dict[str, Any], value: str) -> dict[str, Any]:
    return {"filter": filter, "value": value}


def _pair(source: str, target: str) -> dict[str, Any]:
    return {"from": source, "to": target}


def _find(locator: str) -> dict[str, Any]:
    return {"$findAppRecordId": {"dataLinkTable": {"key": _TABLE}, "recordId": _var(locator)}}
