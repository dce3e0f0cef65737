"""Brings a catalogue from the API to the store, at the pace that the API sets."""

from lamina_graph.sync.listing import Listing, listing
from lamina_graph.sync.pace import PATIENCE, Pace
from lamina_graph.sync.runner import Progress, SyncReport, sync

__all__ = ["PATIENCE", "Listing", "Pace", "Progress", "SyncReport", "listing", "sync"]
