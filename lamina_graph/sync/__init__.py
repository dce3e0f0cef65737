"""Brings a catalogue from the API to the store, at the pace that the API sets."""

from lamina_graph.sync.listing import Listing, listing
from lamina_graph.sync.rate_limit import CATALOGUE_RETRIES, HeaderRateLimiter
from lamina_graph.sync.runner import Progress, SyncReport, sync

__all__ = ["CATALOGUE_RETRIES", "HeaderRateLimiter", "Listing", "Progress", "SyncReport", "listing", "sync"]
