"""Whether two workflows are versions of one, so that the ids of their nodes mean the same."""

from collections.abc import Iterator

from lamina_graph.diff.node_names import shorten
from lamina_graph.diff.origins import origin_of
from lamina_graph.diff.values import Anchors, Version
from lamina_graph.model import Workflow

_NO_ID = {"", "00000000-0000-0000-0000-000000000000"}


def find_anchors(old: Version, new: Version) -> Anchors:
    """Return whether equal ids of nodes mean the same node.

    Lamina gives each id once. Other programs number the nodes of each workflow anew: there, ids mean
    something only between versions of one workflow. These are of one file, also at a git revision, are of
    one app, or have one id of the workflow.

    >>> from pathlib import PurePath
    >>> from lamina_graph.files import load
    >>> one = {"nodes": [], "edges": [], "origin": {"format": "comfyui-api"}}
    >>> find_anchors(Version(load(one)), Version(load(one))).why
    'nothing says that both are versions of one workflow'
    >>> find_anchors(*[Version(load(one), path=PurePath("a.json"))] * 2).why
    'both are of one file'
    """
    sides = old, new
    if not any(origin_of(side.workflow) for side in sides):
        return Anchors()
    apps = {(side.workflow.app_id or side.app_id or "").casefold() for side in sides}
    ids = [str(origin_of(side.workflow).get("workflowId") or "").casefold() for side in sides]
    if old.path is not None and old.path == new.path:
        return Anchors(why="both are of one file")
    if len(apps) == 1 and "" not in apps:
        return Anchors(why="both are of one app")
    if _NO_ID.isdisjoint(ids):
        if ids[0] == ids[1]:
            return Anchors(why="both have one workflow id")
        return Anchors(ids=False, why="they have different workflow ids")
    return Anchors(ids=False, why="nothing says that both are versions of one workflow")


def unknown_links(old: Version, new: Version) -> Iterator[str]:
    """Yield what the files of the versions do not tell of their graphs, so that it was not compared."""
    before, after = (_list_unknown(side.workflow) for side in (old, new))
    for sentence in dict.fromkeys((*before, *after)):
        sides = "both versions" if sentence in before and sentence in after else "the old version"
        yield f"{sides if sentence in before else 'the new version'}: {sentence}"


def _list_unknown(workflow: Workflow) -> list[str]:
    unknown = origin_of(workflow).get("unknown")
    return (
        [shorten(each, 200) for each in unknown if isinstance(each, str)] if isinstance(unknown, list) else []
    )
