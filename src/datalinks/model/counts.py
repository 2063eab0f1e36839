"""How many links there are."""

from datetime import datetime

from datalinks.model.record import Record


class LinkCount(Record, frozen=True, kw_only=True):
    """The links of an instance, or of all instances of a table that the caller may see.

    links: import_links and export_links together. exact: everything was counted for this answer; else some is as old as
    ``counted_at`` says. An instance of up to 10,000 links is counted at every call, and a larger one when its count is
    older than a second for every 15,000 links; a call counts 50 instances at most, those first that have waited longest.
    instances: how many were counted; uncounted: how many more have not been counted yet, so that the sums lack them.
    """

    links: int
    import_links: int
    export_links: int
    exact: bool
    counted_at: datetime
    instances: int
    uncounted: int
