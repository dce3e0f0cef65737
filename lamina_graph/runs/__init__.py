"""Runs of apps: the request that starts one, following it to its end, its outputs on disk, its webhook.

Starting is the client's: `Client.start`.
"""

from lamina_graph.runs.downloads import MAX_BYTES, DownloadedFile, download
from lamina_graph.runs.following import PollInterval, follow
from lamina_graph.runs.inputs import Request, build_request, parse_inputs
from lamina_graph.runs.webhook_server import Delivery, WebhookServer, serve_webhooks

__all__ = [
    "MAX_BYTES",
    "Delivery",
    "DownloadedFile",
    "PollInterval",
    "Request",
    "WebhookServer",
    "build_request",
    "download",
    "follow",
    "parse_inputs",
    "serve_webhooks",
]
