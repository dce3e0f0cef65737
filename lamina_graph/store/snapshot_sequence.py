"""Snapshots of a store as a sequence of which few are held: each is read whenever it is asked for."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

from lamina_graph.errors import StoreError
from lamina_graph.records import Snapshot, SnapshotPlace

if TYPE_CHECKING:
    from lamina_graph.store.snapshot_reads import SnapshotReads


class SnapshotSequence(Sequence[Snapshot | StoreError]):
    """The snapshots at some places; an error stands for one that cannot be read.

    Args:
        store: what they are read from.
        places: where they are.
    """

    def __init__(self, store: "SnapshotReads", places: Sequence[SnapshotPlace]) -> None:
        self._store, self.places = store, places

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[Snapshot | StoreError]:
        return self._store.read(self.places)

    def take(self, numbers: Sequence[int]) -> Iterator[Snapshot | StoreError]:
        """Yield those of some numbers, read together."""
        return self._store.read([self.places[number] for number in numbers])

    @overload
    def __getitem__(self, number: int) -> Snapshot | StoreError: ...
    @overload
    def __getitem__(self, number: slice) -> "SnapshotSequence": ...
    def __getitem__(self, number: int | slice) -> "Snapshot | StoreError | SnapshotSequence":
        if isinstance(number, slice):
            return SnapshotSequence(self._store, self.places[number])
        return next(self._store.read([self.places[number]]))
