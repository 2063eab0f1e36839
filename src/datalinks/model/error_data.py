"""What is wrong, as elements and runs tell it."""

from datalinks.model.record import JsonObject, Record


class ErrorData(Record, frozen=True, kw_only=True):
    """Why an element is not ready, or what went wrong in a run, in the words of the reference's error data.

    type: of an element ``configuration``, ``flow_instance_setup`` or ``app_event_subscription``; of a run what failed.
    data: where, by ``nodeKey``, ``path`` and, in a run, ``runId``.
    """

    type: str
    key: str | None = None
    message: str
    data: JsonObject | None = None
