"""What can be done with every noun of the API: list, get, write, archive."""

from collections.abc import AsyncGenerator
from typing import Generic, TypeVar

from datalinks.client._async.http import AsyncHttp
from datalinks.client.calls import make_call
from datalinks.client.nouns import Fields, Noun, Query
from datalinks.client.queries import NextPage, Selector
from datalinks.errors import NotFound
from datalinks.model.page import Page
from datalinks.model.record import Draft

T = TypeVar("T")


class AsyncListed(Generic[Query, Fields, T]):
    """The lists of one noun. The keyword arguments of its methods are the fields of the noun's query."""

    def __init__(self, http: AsyncHttp, noun: Noun[Query, Fields, T]) -> None:
        self._http = http
        self._noun = noun

    async def list_page(self, *args: Query.args, **kwargs: Query.kwargs) -> Page[T]:
        """One page, newest first. Its ``cursor`` asks for the next page and is None on the last.

        Raises:
            BadRequest: a filter or the cursor is not valid. NotFound: there is no such customer.
            AccessDenied: this list is for admins.
        """
        return await self._page(self._noun.query(*args, **kwargs))

    async def iterate(self, *args: Query.args, **kwargs: Query.kwargs) -> AsyncGenerator[T]:
        """Every one of them, newest first, fetched page by page while the loop runs; ``limit`` is the size of a page.

        Raises:
            BadRequest: a filter or the cursor is not valid. NotFound: there is no such customer.
            AccessDenied: this list is for admins.
        """
        query = self._noun.query(*args, **kwargs)
        page = await self._page(query)
        while True:
            for item in page.items:
                yield item
            if page.cursor is None:
                return
            page = await self._page(query, NextPage(cursor=page.cursor))

    async def _page(self, *query: Draft) -> Page[T]:
        return await self._http.fetch(make_call("GET", f"{self._noun.path}s", *query), self._noun.page)


class AsyncElements(AsyncListed[Query, Fields, T]):
    """One noun. A selector is an id or key, of customers an id or internal id.

    The keyword arguments of methods that write are the fields of the noun's draft. Every method may raise
    Unavailable when the server does not answer, NotAuthenticated and AccessDenied.
    """

    async def get(self, selector: str) -> T:
        """The one with this id or key, archived or not.

        Raises:
            NotFound: there is none, or the caller may not know that there is.
        """
        return await self._http.fetch(make_call("GET", self._noun.path, Selector(id=selector)), self._noun.answer)

    async def find(self, selector: str) -> T | None:
        """The one with this id or key, archived or not, or None."""
        try:
            return await self.get(selector)
        except NotFound:
            return None

    async def create(self, *args: Fields.args, **kwargs: Fields.kwargs) -> T:
        """A new one. After Unavailable it may or may not have been created.

        Raises:
            AlreadyExists: another one has the key, uuid or internal id. BadRequest: a field is missing or not valid.
        """
        body = self._noun.draft(*args, **kwargs)
        return await self._http.fetch(make_call("POST", f"{self._noun.path}s", body=body), self._noun.answer)

    async def put(self, selector: str, *args: Fields.args, **kwargs: Fields.kwargs) -> T:
        """Replace what may be written: fields that are left out are emptied, but names, keys, uuids and secrets stay.

        Raises:
            NotFound: there is none. AlreadyExists: another one has the key, uuid or internal id.
            BadRequest: a field is not valid, or it is archived.
        """
        return await self._write("PUT", selector, self._noun.draft(*args, **kwargs))

    async def patch(self, selector: str, *args: Fields.args, **kwargs: Fields.kwargs) -> T:
        """Change the fields that are given; None empties one. It is sent once: after Unavailable it may or may not have been changed.

        Raises:
            NotFound: there is none. AlreadyExists: another one has the key, uuid or internal id.
            BadRequest: a field is not valid, or it is archived.
        """
        return await self._write("PATCH", selector, self._noun.draft(*args, **kwargs))

    async def archive(self, selector: str) -> T:
        """Hide it with everything that hangs on it, and keep it all; one that is archived already stays as it is.

        Raises:
            NotFound: there is none.
        """
        return await self._http.fetch(make_call("DELETE", self._noun.path, Selector(id=selector)), self._noun.answer)

    async def restore(self, selector: str) -> T:
        """Bring it back with everything that hangs on it, links included.

        Raises:
            NotFound: there is none. AlreadyExists: another one has taken its key or uuid.
        """
        call = make_call("POST", f"{self._noun.path}/restore", Selector(id=selector))
        return await self._http.fetch(call, self._noun.answer)

    async def _write(self, method: str, selector: str, body: Draft) -> T:
        call = make_call(method, self._noun.path, Selector(id=selector), body=body)
        return await self._http.fetch(call, self._noun.answer)
