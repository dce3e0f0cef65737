"""What a store had of every app, as entries of which few are held at a time."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from lamina_graph.cli import output
from lamina_graph.errors import StoreError

if TYPE_CHECKING:
    from datetime import datetime

    from lamina_graph.model import Entry
    from lamina_graph.store import Snapshot, SnapshotPlace, Store


class StoredEntries(Sequence["Entry"]):
    """What a store had of every app at a moment, in the order of its apps: read whenever it is gone through.

    Few are held at a time. What cannot be read is printed once; its entry carries the error.

    Attributes:
        places: the snapshot of each entry.
        errors: of the entries that were met so far.
    """

    def __init__(self, store: "Store", moment: "datetime | None" = None) -> None:
        from lamina_graph.store import SnapshotSequence

        self.places = store.in_force(moment)
        self.errors: dict[str, StoreError] = {}
        self._snapshots = SnapshotSequence(store, self.places)

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> "Iterator[Entry]":
        return map(self._to_entry, self.places, self._snapshots)

    def take(self, numbers: Sequence[int]) -> "Iterator[Entry]":
        """Yield the entries of some numbers, read together."""
        return map(self._to_entry, (self.places[number] for number in numbers), self._snapshots.take(numbers))

    @overload
    def __getitem__(self, number: int) -> "Entry": ...
    @overload
    def __getitem__(self, number: slice) -> "list[Entry]": ...
    def __getitem__(self, number: int | slice) -> "Entry | list[Entry]":
        numbers = range(len(self))[number]
        return list(self.take(numbers)) if isinstance(numbers, range) else next(self.take([numbers]))

    def _to_entry(self, place: "SnapshotPlace", snapshot: "Snapshot | StoreError") -> "Entry":
        from lamina_graph.model import Entry

        ref = f"{place.app_id}@{place.id}"
        if isinstance(snapshot, StoreError):
            if place.id not in self.errors:
                self._note(snapshot)
            return Entry(ref=ref, error=self.errors.setdefault(place.id, snapshot))
        return Entry(ref=ref, **self._select_parts(snapshot))

    def _note(self, error: StoreError) -> None:
        output.print_error(str(error), error.hint)

    def _select_parts(self, snapshot: "Snapshot") -> dict[str, Any]:
        return {part: getattr(snapshot, part) for part in ("workflow", "estimate", "taken_at")}
