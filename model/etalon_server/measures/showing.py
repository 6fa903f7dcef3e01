"""Measures and devices as entries of a page, encoded once for each of those who read them.

A measure never changes, so its bytes are kept for whoever reads it again; those of a body mass
index are made anew, for it is another one each time.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from etalon_model.catalogue.measures import BODY_MASS_INDEX, Measure
from etalon_server.asking import known_person
from etalon_server.exchange import Desk
from etalon_server.measures.places import Places, device_key, measure_key, measures_in
from etalon_wire.json_body import Resource, read_value, write_json
from etalon_wire.measures.showing import Reader, device, observation
from etalon_wire.records.pages import write_entry, write_included


class Showing:
    """What one reader is shown of one space."""

    __slots__ = ("_base", "_desk", "_held", "_ins", "_reader", "_shape")

    def __init__(self, desk: Desk, ins: str, reader: Reader, base: str) -> None:
        """Take whose measures are read, by whom, and under which address."""
        self._desk = desk
        self._base = base
        self._ins = ins
        self._reader = reader
        self._held = measures_in(known_person(desk, ins))
        # Plain texts: this is looked for once for each measure of a page.
        self._shape = (base, reader.solution, reader.id_pe)

    def measures(self, rows: Sequence[Measure]) -> list[bytes]:
        """Return the entries of measures."""
        cache, shape = self._desk.cache, self._shape
        found = [cache.get(row, shape) for row in rows]
        missing = [row for row, entry in zip(rows, found, strict=True) if entry is None]
        if not missing:
            return [entry for entry in found if entry is not None]
        written = self._written(missing)
        entries: list[bytes] = []
        for row, entry in zip(rows, found, strict=True):
            entries.append(next(written) if entry is None else entry)
            if entry is None and row.code != BODY_MASS_INDEX:
                cache.put(row, shape, entries[-1])
        return entries

    def devices(self, numbers: Iterable[int]) -> list[bytes]:
        """Return the entries of devices, by their numbers in the space."""
        cache = self._desk.cache
        found = {number: cache.get(self._held, (number, *self._shape)) for number in numbers}
        missing = [number for number, entry in found.items() if entry is None]
        for number, shown in self.device_resources(missing):
            found[number] = entry = write_included(*self._placed(shown))
            cache.put(self._held, (number, *self._shape), entry)
        return [entry for entry in found.values() if entry is not None]

    def device_resources(self, numbers: Iterable[int]) -> Iterator[tuple[int, Resource]]:
        """Yield devices, each with its number in the space."""
        wanted = {*numbers}
        keys = {
            number: device_key(self._ins, condition)
            for condition, number in (self._held.devices.items() if wanted else ())
            if number in wanted
        }
        bodies = self._desk.contents.bodies([*keys.values()])
        for number, key in keys.items():
            if key in bodies:
                yield number, device(self._reader, number, _resource(bodies[key]))

    def resources(self, rows: Sequence[Measure]) -> Iterator[Resource]:
        """Yield measures as Observations."""
        places = Places(self._held)
        keys = [measure_key(self._ins, row) if row.source else b"" for row in rows]
        bodies = self._desk.contents.bodies([key for key in keys if key])
        for row, key in zip(rows, keys, strict=True):
            kept = _resource(bodies[key]) if key in bodies else None
            yield observation(self._reader, row, places.of(row), kept)

    def _written(self, rows: Sequence[Measure]) -> Iterator[bytes]:
        for shown in self.resources(rows):
            yield write_entry(*self._placed(shown))

    def _placed(self, resource: Resource) -> tuple[str, bytes]:
        """Return the address of a resource, and its bytes as they leave."""
        address = f"{self._base}/{resource['resourceType']}/{resource['id']}"
        return address, write_json(self._desk.codec.leaving(resource))


def _resource(body: bytes) -> Resource:
    return cast("Resource", read_value(body))
