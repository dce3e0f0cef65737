"""Changes as the payload of a Slack message: what an incoming webhook or `chat.postMessage` takes.

All text stands in `plain_text` and `rich_text` elements, which Slack shows as they are: no mention, link or
style hides in a name. The limits are those of Block Kit's reference: 50 blocks a message, 150 characters a
header, 3,000 a text; a rich text is held to the latter as a whole.
"""

from collections.abc import Iterator
from typing import Any

from lamina_graph.history import AppChange, Changes
from lamina_graph.report.changes.by_app import (
    App,
    describe_totals,
    grouped_by_app,
    headline,
    list_phrases,
    span,
    unknown_apps,
)
from lamina_graph.report.diff.wording import MARKS, moment
from lamina_graph.report.limits import fit, left_out
from lamina_graph.text import elide

BLOCKS, HEADER, TEXT = 50, 150, 3_000

Block = dict[str, Any]


def slack(changes: Changes) -> dict[str, Any] | None:
    """Return changes as a message for Slack; None where there is nothing.

    What does not fit is counted in the last block.
    """
    if changes.empty:
        return None
    title = f"Lamina apps: {headline(changes)}"
    head = [
        _build_header(title),
        _build_context(" · ".join(filter(None, (span(changes), describe_totals(changes))))),
    ]
    blocks, listed = fit(_build_blocks(changes), BLOCKS - len(head) - 1, lambda _: 1)
    if rest := len(changes.changes) + len(changes.unknown) - listed:
        blocks.append(_build_context(f"… and {left_out(rest)}"))
    return {"text": elide(title, TEXT), "blocks": head + blocks}


def _build_blocks(changes: Changes) -> Iterator[tuple[Block, int]]:
    """Yield each block, with the number of changes that it lists."""
    for group in grouped_by_app(changes):
        yield _build_header(f"{MARKS[group.heading]} {group.size} {group.heading}"), 0
        for app in group.apps:
            yield from _build_app(app)
    if changes.unknown:
        yield _build_header(f"{MARKS['unknown']} {len(changes.unknown)} could not be compared"), 0
        lines = [f"{name}: {elide(why, 300)}" for name, why in unknown_apps(changes)]
        for items in _split_chunks(lines, TEXT):
            yield _build_rich([_build_list(items)]), len(items)


def _build_app(app: App) -> Iterator[tuple[Block, int]]:
    """Yield the changes of an app, its name above them."""
    name = f"{app.name}  {app.place}".rstrip()
    for items in _split_chunks([_build_sentence(change) for change in app.changes], TEXT - _measure(name)):
        yield _build_rich([_build_section(name, bold=True), _build_list(items)]), len(items)


def _build_sentence(change: AppChange) -> str:
    return " · ".join(filter(None, (*list_phrases(change), moment(change.at))))


def _split_chunks(lines: list[str], room: int) -> Iterator[list[str]]:
    """Yield the lines in chunks, none longer than the room."""
    chunk: list[str] = []
    left = room
    for line in lines:
        if chunk and _measure(line) > left:
            yield chunk
            chunk, left = [], room
        chunk.append(line)
        left -= _measure(line)
    if chunk:
        yield chunk


def _measure(text: str) -> int:
    """The length of a text as JavaScript counts it, the greatest that Slack can mean."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _build_header(text: str) -> Block:
    return {"type": "header", "text": _build_plain(elide(text, HEADER))}


def _build_context(text: str) -> Block:
    return {"type": "context", "elements": [_build_plain(elide(text, TEXT))]}


def _build_plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _build_rich(elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": elements}


def _build_section(text: str, bold: bool = False) -> Block:
    style = {"style": {"bold": True}} if bold else {}
    return {"type": "rich_text_section", "elements": [{"type": "text", "text": text, **style}]}


def _build_list(items: list[str]) -> Block:
    return {"type": "rich_text_list", "style": "bullet", "elements": [_build_section(item) for item in items]}
