"""Which version of Étalon runs."""

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    """Give the version of the distribution, or `unknown` where it runs uninstalled."""
    try:
        return version("mes-etalon")
    except PackageNotFoundError:
        return "unknown"
