"""``datalinks settings``: what the server would run with."""

from dataclasses import asdict

from datalinks.cli.options import Options, table

_DEFAULT = Options()
_SECRET = ("encryption_key",)


async def settings(*, options: Options = _DEFAULT) -> None:
    """Show every setting in force. Set them as DATALINKS_<NAME>, or in the file that DATALINKS_CONFIG names."""
    values = {
        name: "(set)" if name in _SECRET and value else value for name, value in asdict(options.settings()).items()
    }
    options.show(values, lambda: table(("SETTING", "VALUE"), [(name, str(value)) for name, value in values.items()]))
