"""Changes as an Atom feed (RFC 4287): one entry for each, under an id that it keeps for good."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from lamina_graph.history import AppChange, Changes, Unknown
from lamina_graph.report.diff.wording import affected
from lamina_graph.text import elide, one_line

_NAMESPACE = "http://www.w3.org/2005/Atom"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FEED = "urn:uuid:5f7c0f0e-4f3b-5d0c-9a35-0d5c0a3f6a11"
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


def atom(changes: Changes) -> str:
    """Return changes as an Atom feed, the newest first; without changes it is a feed without entries.

    The id of an entry is made of its app, its rule and its moment: a reader shows no change twice, however
    often it is reported, and none is lost. What could not be compared is an entry too, once a day for each
    reason.

    >>> feed = atom(Changes(since=None, until=None, severity=None, apps=0, changes=(), unknown=()))
    >>> "<entry>" in feed, "<updated>1970-01-01T00:00:00Z</updated>" in feed
    (False, True)
    """
    items: list[AppChange | Unknown] = [*changes.changes, *changes.unknown]
    items.sort(key=lambda each: (each.at or _UNDATED, _id_of(each)), reverse=True)
    feed = ElementTree.Element("feed", xmlns=_NAMESPACE)
    _add(feed, "id", _FEED)
    _add(feed, "title", "Changes of Lamina apps")
    _add(feed, "updated", _date((items and items[0].at) or _UNDATED))
    _add(ElementTree.SubElement(feed, "author"), "name", "lamina-graph")
    _add(feed, "generator", "lamina-graph")
    for each in items:
        _add_entry(feed, each)
    ElementTree.indent(feed)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(feed, encoding="unicode")}\n'


def _add_entry(feed: ElementTree.Element, item: AppChange | Unknown) -> None:
    entry = ElementTree.SubElement(feed, "entry")
    app = item.name or item.app_id or "all apps"
    heading = item.heading if isinstance(item, AppChange) else "unknown"
    sentence = item.text if isinstance(item, AppChange) else f"could not be compared: {item.why}"
    _add(entry, "id", _id_of(item))
    _add(entry, "title", f"{heading}: {elide(one_line(app), 100)}: {elide(one_line(sentence), 300)}", "text")
    _add(entry, "updated", _date(item.at or _UNDATED))
    ElementTree.SubElement(entry, "category", term=heading)
    if isinstance(item, AppChange):
        ElementTree.SubElement(entry, "category", term=item.rule)
    _add(entry, "content", "\n".join(_list_lines(item, sentence)), "text")


def _list_lines(item: AppChange | Unknown, sentence: str) -> Sequence[str]:
    lines = [one_line(sentence)]
    if isinstance(item, AppChange):
        lines += [affected(item), f"{item.rule} {item.fingerprint}"]
        if item.accepted:
            lines.append(f"accepted: {one_line(item.accepted.reason)}")
    return list(filter(None, [*lines, one_line(item.app_id or ""), one_line(item.base_url or "")]))


def _id_of(item: AppChange | Unknown) -> str:
    at = item.at or _UNDATED
    if isinstance(item, AppChange):
        return _urn(item.base_url, item.app_id, item.rule, item.fingerprint, at.isoformat(), item.new or "")
    return _urn(item.base_url or "", item.app_id or "", item.why, at.date().isoformat())


def _urn(*parts: str) -> str:
    return uuid5(NAMESPACE_URL, "\0".join(part.encode(errors="replace").decode() for part in parts)).urn


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _add(above: ElementTree.Element, name: str, text: str, kind: str = "") -> None:
    element = ElementTree.SubElement(above, name, {"type": kind} if kind else {})
    element.text = _NO_XML.sub("\ufffd", text)
