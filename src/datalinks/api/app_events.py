"""Endpoints of app events: the webhooks that they arrive at, and their log."""

from datalinks.api.answers import Answer, json_answer
from datalinks.api.deliveries import Delivery
from datalinks.api.idempotency import REPLAYED
from datalinks.model.app_event import AppEvent, AppEventsReceipt
from datalinks.model.page import Page
from datalinks.services.app_events import AppEventQuery, Prepared, webhook_caller
from datalinks.services.caller import Caller
from datalinks.services.services import Services
from datalinks.store.idempotency import KeptAnswer


async def list_app_events(services: Services, caller: Caller, query: AppEventQuery) -> Page[AppEvent]:
    """List the app events that were accepted, newest first: a customer's own, or all under an admin token."""
    return await services.app_events.list_page(caller, query)


async def get_app_event(services: Services, caller: Caller, id: str) -> AppEvent:
    """Get an app event, with the flow runs that it launched."""
    return await services.app_events.get(caller, id)


async def receive_app_events(services: Services, webhook_key: str, delivery: Delivery) -> AppEventsReceipt | Answer:
    """Take app events: an object is one event, a list is up to 1,000. Whoever knows the path may send them, with any method.

    Every event is judged by itself. An event's customer is the one of the webhook, else of the bearer token if there is one, else
    whom the type's ``tenantIdFormula`` or ``userIdFormula`` names. What is answered as accepted is kept, together with the runs
    that it launches. Where nothing is accepted the answer is an error. With an ``Idempotency-Key`` the same request is not
    done again for 24 hours: it is answered as it was.
    """
    webhook = await services.app_events.find_webhook(webhook_key)
    caller = None if delivery.token is None else await services.identity.authenticate(delivery.token)
    prepared = await services.app_events.prepare(webhook, caller, await delivery.events())
    if delivery.idempotency_key is None:
        return await services.app_events.accept(prepared)
    return await _once(services, prepared, delivery, delivery.idempotency_key)


async def _once(services: Services, prepared: Prepared, delivery: Delivery, key: str) -> Answer:
    """What ``accept`` answers, but a request that was answered under the key is not done again."""
    webhook = prepared.webhook

    async def write(_: Caller) -> KeptAnswer:
        receipt = await services.app_events.write(prepared)
        return KeptAnswer(*json_answer(receipt, 200))

    # Those who send to one webhook know nothing of the keys that are sent to another.
    of = webhook.type.id if webhook.subscription is None else webhook.subscription.id
    done = await services.idempotency.once(webhook_caller(webhook), f"{of} {key}", delivery.request_hash, write)
    status, headers, body = done.answer
    return Answer(status, (*headers, REPLAYED) if done.is_repeated else headers, body)
