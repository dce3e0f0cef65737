"""Runs of apps: what is to be sent, a run to its end, its outputs on disk, its webhook.

Starting is the client's: `Client.start`.
"""

from lamina_graph.runs.downloads import LARGEST, Saved, download
from lamina_graph.runs.following import Pauses, follow
from lamina_graph.runs.inputs import Request, pairs, request
from lamina_graph.runs.receiving import Delivery, Receiver, receiving

__all__ = [
    "LARGEST",
    "Delivery",
    "Pauses",
    "Receiver",
    "Request",
    "Saved",
    "download",
    "follow",
    "pairs",
    "receiving",
    "request",
]
