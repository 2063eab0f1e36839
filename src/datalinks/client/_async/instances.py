"""Data link table instances: a table for one connection, the scope of links."""

from collections.abc import Callable
from typing import Generic, ParamSpec

from datalinks.client._async.elements import AsyncListed
from datalinks.client._async.http import AsyncHttp
from datalinks.client.calls import make_call
from datalinks.client.nouns import Fields, Noun, Query
from datalinks.client.queries import Place
from datalinks.errors import NotFound
from datalinks.model.table import DataLinkTableInstance

Where = ParamSpec("Where")


class AsyncInstances(AsyncListed[Query, Fields, DataLinkTableInstance], Generic[Query, Fields, Where]):
    """Instances. The keyword arguments of its methods are the fields of ``Place``: ``table="contacts", connection=id``.

    Links make the instances they need, so this is for looking at them, hiding and restoring them. Every method may
    raise Unavailable when the server does not answer, NotAuthenticated and AccessDenied.
    """

    def __init__(
        self, http: AsyncHttp, noun: Noun[Query, Fields, DataLinkTableInstance], place: Callable[Where, Place]
    ) -> None:
        super().__init__(http, noun)
        self._place = place

    async def get(self, *args: Where.args, **kwargs: Where.kwargs) -> DataLinkTableInstance:
        """The instance in this place, archived or not.

        Raises:
            NotFound: it, its table or its connection are not there.
            BadRequest: the place is incomplete, or several connections match.
        """
        return await self._call("GET", self._place(*args, **kwargs))

    async def find(self, *args: Where.args, **kwargs: Where.kwargs) -> DataLinkTableInstance | None:
        """The instance in this place, archived or not, or None if it, its table or its connection are not there.

        Raises:
            BadRequest: the place is incomplete, or several connections match.
        """
        try:
            return await self._call("GET", self._place(*args, **kwargs))
        except NotFound:
            return None

    async def create(self, *args: Where.args, **kwargs: Where.kwargs) -> DataLinkTableInstance:
        """The instance in this place, made if there is none and restored if it was archived.

        Raises:
            NotFound: its table or its connection are not there.
            BadRequest: the place is incomplete, or several connections match.
        """
        call = make_call("POST", self._noun.path, self._place(*args, **kwargs))
        return await self._http.fetch(call, DataLinkTableInstance)

    async def archive(self, *args: Where.args, **kwargs: Where.kwargs) -> DataLinkTableInstance:
        """Hide the instance with its links, and keep them; one that is archived already stays as it is.

        Raises:
            NotFound: there is none. BadRequest: the place is incomplete, or several connections match.
        """
        return await self._call("DELETE", self._place(*args, **kwargs))

    async def restore(self, *args: Where.args, **kwargs: Where.kwargs) -> DataLinkTableInstance:
        """Bring the instance back with its links.

        Raises:
            NotFound: there is none. BadRequest: the place is incomplete, or several connections match.
        """
        call = make_call("POST", f"{self._noun.path}/restore", self._place(*args, **kwargs))
        return await self._http.fetch(call, DataLinkTableInstance)

    async def _call(self, method: str, place: Place) -> DataLinkTableInstance:
        return await self._http.fetch(make_call(method, self._noun.path, place), DataLinkTableInstance)
