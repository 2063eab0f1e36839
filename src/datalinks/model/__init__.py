"""What exists: frozen records and pure rules, without a driver or a web framework.

One set of records serves the whole way: the store makes them, the services return them, the API writes them as JSON
(camelCase, absent instead of null) and the client reads them back.
"""
