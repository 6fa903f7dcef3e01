"""Why a load could not begin."""


class NotRunError(Exception):
    """A load that could not begin or could not be gathered.

    Attributes:
        key: A key of the catalogue of errors, without `load_`.
        values: What fills it.
    """

    def __init__(self, *, key: str, **values: object) -> None:
        """State why."""
        super().__init__(key, values)
        self.key, self.values = key, values
