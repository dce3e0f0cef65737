"""A scene as text for a terminal.

The graph is drawn as trees. A tree starts at a node that nothing feeds, or at one where several lines meet;
the latter carries a number, and what feeds it says `→ [1]`. Within a tree a node that alone continues another
stands right below it after an arrow, and branches are drawn as branches.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby

from lamina_graph.render.palette import SIGNS
from lamina_graph.render.scenes.scene import Scene, join_parts, neighbor_lists

_TITLE, _DRAWING = 44, 64  # columns
_DEEPEST = 8  # branches within branches
_BELOW = {"├─ ": "│  ", "└─ ": "   "}


def text(scene: Scene) -> str:
    """Return a scene as plain text: no escapes, no control characters but line breaks."""
    lines = [_cut(scene.title, 100), _cut(scene.subtitle, 100)]
    for tree in _Trees(scene).trees():
        lines += ["", *tree]
    if scene.colors in ("states", "steps") and scene.remarks:
        lines += ["", *scene.remarks]
    return "\n".join(lines) + "\n"


class _Trees:
    """The nodes of a scene, as trees that name each other by number."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.after, self.before = neighbor_lists(len(scene.cards), scene.pairs)
        self.tree: dict[int, int] = {}  # the head of the tree that each node is in
        self._plant()
        self.heads = self._order()
        joins = [head for head in self.heads if self.before[head]]
        self.number = {node: i for i, node in enumerate(joins, 1)}

    def trees(self) -> Iterable[list[str]]:
        """The lines of the drawing, in groups that stand apart: trees of one line share a group."""
        trees = [self._tree(head) for head in self.heads]
        column = max((min(_width(line), _DRAWING) for tree in trees for line, _ in tree), default=0)
        for _, group in groupby(trees, key=self._kind):
            yield [self._row(line, node, column) for tree in group for line, node in tree]

    def _kind(self, tree: Sequence[tuple[str, int]]) -> int:
        """What trees must share to stand together: to be one line, and numbered or not."""
        head = tree[0][1]
        return head + 2 if len(tree) > 1 else int(head in self.number)

    def _plant(self) -> None:
        """Give each node its tree; of what is then left, in or behind cycles, the first becomes a head."""
        nodes = range(len(self.after))
        heads = [node for node in nodes if len(self.before[node]) != 1]
        self.tree = {head: head for head in heads}
        for head in (*heads, *nodes):
            if self.tree.setdefault(head, head) == head:
                self._grow(head)

    def _grow(self, start: int) -> None:
        """Give the nodes below a head its tree; branches that lie too deep start trees of their own."""
        waiting = [(start, start, 0)]
        while waiting:
            node, head, level = waiting.pop()
            branches = [other for other in self.after[node] if other not in self.tree]
            level += len(branches) > 1
            for other in branches:
                deep = level > _DEEPEST
                self.tree[other] = other if deep else head
                waiting.append((other, self.tree[other], 0 if deep else level))

    def _order(self) -> list[int]:
        """The heads, each after the trees that feed it as far as cycles allow (depth first)."""
        heads = dict.fromkeys(self.tree.values())
        feeding = {head: dict.fromkeys(self.tree[node] for node in self.before[head]) for head in heads}
        fed = {feeder for head, feeders in feeding.items() for feeder in feeders if feeder != head}
        order: dict[int, None] = {}
        opened: set[int] = set()
        for start in (*(head for head in sorted(feeding) if head not in fed), *sorted(feeding)):
            waiting = [start]
            while waiting:
                head = waiting[-1]
                if head in opened:
                    order.setdefault(waiting.pop())
                    continue
                opened.add(head)
                waiting += [other for other in reversed(feeding[head]) if other not in opened]
        return list(order)

    def _tree(self, head: int) -> list[tuple[str, int]]:
        """Each line of a tree: what is drawn, and of which node."""
        number = self.number.get(head)
        lines = []
        waiting = [("", f"[{number}] " if number else "", head)]
        while waiting:
            indent, sign, node = waiting.pop()
            card = self.scene.cards[node]
            lines.append((f"{indent}{sign}{_cut(card.title, _TITLE - len(card.count))}{card.count}", node))
            inner = indent + _BELOW.get(sign, "")
            branches = [other for other in self.after[node] if other not in self.number]
            signs = ["↓ "] if len(branches) == 1 else ["├─ "] * (len(branches) - 1) + ["└─ "]
            waiting += reversed([(inner, sign, other) for sign, other in zip(signs, branches, strict=False)])
        return lines

    def _row(self, line: str, node: int, column: int) -> str:
        card = self.scene.cards[node]
        joined = _ranges([self.number[other] for other in self.after[node] if other in self.number])
        kind = card.kind if card.kind == card.role else f"{card.kind} ({card.role})"
        if card.stub:
            kind = card.kind
        marks = ["★ deliverable" if card.deliverable else "", "◆ highlighted" if card.highlighted else ""]
        beside = f"with {card.beside}" if card.beside else ""
        parts = [kind, ", ".join(card.modalities), card.note, beside, *marks]
        words = join_parts(_cut(part, 60) for part in parts)
        sign = ""
        if self.scene.colors in ("marks", "states"):
            sign = f"{SIGNS[card.mark].sign} " if card.mark else "  "
        gap = " " * max(column - _width(line), 0)
        return f"{sign}{line}{gap}  {words}{'  → ' + joined if joined else ''}"


def _ranges(numbers: Iterable[int]) -> str:
    """Numbers as the drawing refers to them, three and more in a row as one range.

    >>> _ranges([1, 2, 3, 4, 7])
    '[1–4][7]'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "".join(
        f"[{run[0]}–{run[-1]}]" if len(run) > 2 else "".join(f"[{number}]" for number in run) for run in runs
    )


def _width(text: str) -> int:
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cut(text: str, columns: int) -> str:
    if len(text) <= columns and _width(text) <= columns:
        return text
    kept, room = "", columns - 1
    for character in text[: columns + 1]:
        room -= _columns(character)
        if room < 0:
            break
        kept += character
    return kept + "…"
