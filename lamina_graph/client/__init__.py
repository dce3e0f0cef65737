"""The Lamina API, answer by answer as values of `model`; the only room that knows httpx."""

from lamina_graph.client.app_rows import AppRows, FlawedRow
from lamina_graph.client.endpoints import AppStructure, Client, Part, RunEvent
from lamina_graph.client.error_words import retry_after
from lamina_graph.client.retry_policy import LONG_PAUSE, OnPause, RateLimiter, RetryPolicy

__all__ = [
    "LONG_PAUSE",
    "AppRows",
    "AppStructure",
    "Client",
    "FlawedRow",
    "OnPause",
    "Part",
    "RateLimiter",
    "RetryPolicy",
    "RunEvent",
    "retry_after",
]
