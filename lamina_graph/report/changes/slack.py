"""Changes as the payload of a Slack message: what an incoming webhook or `chat.postMessage` takes.

All text stands in `plain_text` and `rich_text` elements, which Slack shows as they are: no mention, link or
style hides in a name. The limits are those of Block Kit's reference: 50 blocks a message, 150 characters a
header, 3,000 a text; a rich text is held to the latter as a whole.
"""

from collections.abc import Iterator
from typing import Any

from lamina_graph.history import Changes, Told
from lamina_graph.report.changes.grouping import App, groups, headline, moment, several_places, span, who
from lamina_graph.report.diff.wording import MARKS, touched
from lamina_graph.text import elide, one_line

BLOCKS, HEADER, TEXT = 50, 150, 3_000

Block = dict[str, Any]


def slack(found: Changes) -> dict[str, Any] | None:
    """Return changes as a message for Slack; None where there is nothing.

    What does not fit is counted in the last block.
    """
    if found.silent:
        return None
    blocks, left = _fitting(found)
    if left:
        blocks.append(_context(f"… and {left} more, not listed here; the JSON has them all"))
    return {"text": elide(f"Lamina apps: {headline(found)}", TEXT), "blocks": blocks}


def _fitting(found: Changes) -> tuple[list[Block], int]:
    """Return as many blocks as a message takes, but one, and how many changes are left out."""
    left = len(found.changes) + len(found.unknown)
    blocks = [_header(f"Lamina apps: {headline(found)}"), _context(span(found))]
    for block, counts in _blocks(found):
        if len(blocks) >= BLOCKS - 1:
            break
        blocks.append(block)
        left -= counts
    return blocks, left


def _blocks(found: Changes) -> Iterator[tuple[Block, int]]:
    """Yield each block, with the number of changes that it tells."""
    for group in groups(found):
        yield _header(f"{MARKS[group.heading]} {group.size} {group.heading}"), 0
        for app in group.apps:
            yield from _app(app)
    if found.unknown:
        yield _header(f"{MARKS['unknown']} {len(found.unknown)} could not be compared"), 0
        several = several_places(found)
        lines = [f"{who(each, several)}: {elide(one_line(each.why), 300)}" for each in found.unknown]
        for items in _parts(lines, TEXT):
            yield _rich([_list(items)]), len(items)


def _app(app: App) -> Iterator[tuple[Block, int]]:
    """Yield the changes of an app, its name above them."""
    name = f"{app.name}  {app.place}".rstrip()
    for items in _parts([_said(change) for change in app.changes], TEXT - _length(name)):
        yield _rich([_section(name, bold=True), _list(items)]), len(items)


def _said(change: Told) -> str:
    parts = (elide(one_line(change.text), 600), elide(touched(change), 300), moment(change.at))
    return " · ".join(filter(None, parts))


def _parts(lines: list[str], room: int) -> Iterator[list[str]]:
    """Yield the lines in parts, none longer than the room."""
    part: list[str] = []
    left = room
    for each in lines:
        if part and _length(each) > left:
            yield part
            part, left = [], room
        part.append(each)
        left -= _length(each)
    if part:
        yield part


def _length(text: str) -> int:
    """The length of a text as JavaScript counts it, the greatest that Slack can mean."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(elide(text, HEADER))}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_plain(elide(text, TEXT))]}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _rich(elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": elements}


def _section(text: str, bold: bool = False) -> Block:
    style = {"style": {"bold": True}} if bold else {}
    return {"type": "rich_text_section", "elements": [{"type": "text", "text": text, **style}]}


def _list(items: list[str]) -> Block:
    return {"type": "rich_text_list", "style": "bullet", "elements": [_section(each) for each in items]}
