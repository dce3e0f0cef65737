"""See, classify, draw and compare the workflow graphs behind Lamina apps.

>>> import lamina_graph as lg
>>> w = lg.load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
>>> lg.classify(w).category
'video'
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina_graph.classify import Classification, classify
    from lamina_graph.client import Client
    from lamina_graph.diff import Diff, diff
    from lamina_graph.errors import LaminaGraphError
    from lamina_graph.features import Features, features
    from lamina_graph.files import load
    from lamina_graph.graph import graph
    from lamina_graph.lint import Finding, lint
    from lamina_graph.model import Workflow
    from lamina_graph.refs import find_workflow
    from lamina_graph.render import Picture
    from lamina_graph.render import draw as draw
    from lamina_graph.similar import similar
    from lamina_graph.store import Store
    from lamina_graph.webhook import verify_webhook

__version__ = "0.1.0"

_MODULES = {
    "Classification": "classify",
    "Client": "client",
    "Diff": "diff",
    "Features": "features",
    "Finding": "lint",
    "LaminaGraphError": "errors",
    "Picture": "render",
    "Store": "store",
    "Workflow": "model",
    "classify": "classify",
    "diff": "diff",
    "draw": "render",
    "features": "features",
    "find_workflow": "refs",
    "graph": "graph",
    "lint": "lint",
    "load": "files",
    "similar": "similar",
    "verify_webhook": "webhook",
}

__all__ = [
    "Classification",
    "Client",
    "Diff",
    "Features",
    "Finding",
    "LaminaGraphError",
    "Picture",
    "Store",
    "Workflow",
    "classify",
    "diff",
    "draw",
    "features",
    "find_workflow",
    "graph",
    "lint",
    "load",
    "similar",
    "verify_webhook",
]


class _Package(ModuleType):
    """Loads the module of a public name at its first use, so that importing the package stays fast."""

    def __getattr__(self, name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        setattr(self, name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        # Importing the package `diff` makes Python set `lamina_graph.diff` to it, where the function belongs.
        if name in _MODULES and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted(__all__)


sys.modules[__name__].__class__ = _Package
