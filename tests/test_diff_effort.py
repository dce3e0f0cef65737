"""What a comparison does no more often than it must: fields that are plainly the same are not taken apart."""

import pytest

from lamina_graph.diff import diff, fields, wire_fields
from lamina_graph.files import load
from lamina_graph.model import Workflow


def chain(size: int, changed: int = 0) -> Workflow:
    """A chain of nodes with fields of their own, the first few with another value."""
    nodes = [
        {"id": f"n{n}", "type": "fluxNode", "data": {"steps": 30 if n < changed else 20}} for n in range(size)
    ]
    edges = [
        {"id": f"e{n}", "source": f"n{n}", "target": f"n{n + 1}", "data": {"n": n}} for n in range(size - 1)
    ]
    return load({"nodes": nodes, "edges": edges})


@pytest.mark.parametrize("changed", [0, 1, 5])
def test_only_the_fields_of_nodes_that_differ_are_taken_apart(
    monkeypatch: pytest.MonkeyPatch, changed: int
) -> None:
    """Of sixty nodes as many are compared field by field as have other fields."""
    compared: list[object] = []
    original = fields.compare_fields

    def count(*sides: dict[str, object]) -> fields.Settings:
        compared.append(sides)
        return original(*sides)

    monkeypatch.setattr(fields, "compare_fields", count)
    diff(chain(60), chain(60, changed))
    assert len(compared) == changed


def test_values_that_python_holds_equal_are_told_apart() -> None:
    """True is not 1, though 1.0 is."""
    one, true, whole = (
        load({"nodes": [{"id": "a", "type": "fluxNode", "data": {"steps": value}}], "edges": []})
        for value in (1, True, 1.0)
    )
    assert not diff(one, true).identical
    assert diff(one, whole).identical


def test_no_object_is_made_of_an_edge_that_nobody_looks_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of edges that are plainly the same, one or two are made to see what fields they have."""
    made: list[object] = []
    original = wire_fields._make_wire

    def count(*args: object) -> object:
        made.append(args)
        return original(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(wire_fields, "_make_wire", count)
    plain = [
        load(
            {
                "nodes": [{"id": f"n{n}", "type": "fluxNode"} for n in range(size)],
                "edges": [{"source": f"n{n}", "target": f"n{n + 1}"} for n in range(size - 1)],
            }
        )
        for size in (60, 59)
    ]
    diff(*plain)
    assert len(made) <= 8
    made.clear()
    diff(chain(60), chain(59))
    assert len(made) <= 8
