"""Which ids of nodes anchor a matching: with one of these and the same type, a node is the same in both."""

import re
from collections.abc import Callable

from lamina_graph.model import parse_node_id

Anchors = Callable[[str], bool]
"""Whether an id that both graphs have means the same node in both."""

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def any_id(id_: str) -> bool:
    """Hold every id for an anchor: both are versions of one workflow, or ids are given once for all."""
    return True


def unique_id(id_: str) -> bool:
    """Hold only an id for an anchor that is given once for all: one with a moment in it, or a UUID.

    >>> unique_id("klingVideoNode-1773149496212-nm2mjjfxi"), unique_id("12"), unique_id("dndnode_0")
    (True, False, False)
    """
    return parse_node_id(id_) is not None or _UUID.fullmatch(id_) is not None
