"""Cards stand clear of each other, lines of cards; layouts are bounded, repeatable and safe."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from pictures import FILES, boxes, check_clear, drawing, lettered, small_graphs, workflow

from lamina_graph.diff import diff
from lamina_graph.errors import RenderError
from lamina_graph.files import load
from lamina_graph.render import draw
from lamina_graph.render.layout import code_cache, graphviz
from lamina_graph.render.layout.layout import grid_size, layout
from lamina_graph.render.layout.ranks import assign_ranks, forward_pairs
from lamina_graph.render.scenes.scene import Card


def flip_a_bit(code: bytes) -> bytes:
    return code[:5000] + bytes([code[5000] ^ 1]) + code[5001:]


class TestLayout:
    @pytest.mark.parametrize("direction", ["LR", "TB"])
    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_cards_stand_clear_of_each_other_and_lines_of_cards(self, path, direction):
        check_clear(draw(load(path), direction=direction))

    @given(small_graphs)
    @settings(max_examples=60, deadline=None)
    def test_lines_keep_clear_of_cards_in_any_graph(self, graph):
        count, edges = graph
        check_clear(draw(lettered(count, edges)))

    def test_edges_run_to_the_right_or_down_but_in_cycles(self):
        for direction, axis in (("LR", 0), ("TB", 1)):
            made = drawing(draw(workflow("a > b > c", "a > c > d"), direction=direction)).layout
            assert [made.centres[i][axis] for i in range(4)] == sorted(
                made.centres[i][axis] for i in range(4)
            )

    def test_components_lie_side_by_side(self):
        for direction in ("LR", "TB"):
            made = boxes(draw(workflow("a > b", "c > d"), direction=direction))
            right_of_the_first = max(box[2] for box in made[:2])
            assert min(box[0] for box in made[2:]) > right_of_the_first
            assert {box[1] for box in made[:2]} == {box[1] for box in made[2:]}

    def test_a_graph_too_large_for_graphviz_is_laid_out_in_plain_layers(self):
        edges = [(at // 3, at) for at in range(1, 5000)]
        made = layout(
            [(100.0, 40.0)] * 5000,
            edges,
            [Card("", "", "unknown")] * 5000,
            assign_ranks(5000, edges),
            frozenset(),
            "LR",
            "wasm",
        )
        assert all(made.centres[a][0] < made.centres[b][0] for a, b in edges)
        assert len(set(made.centres)) == 5000

    @pytest.mark.parametrize(
        ("edges", "count"),
        [
            ([(at, at + 1) for at in range(4000)], 4001),
            ([(at, (at + 1) % 3000) for at in range(3000)], 3000),
            ([(0, at) for at in range(1, 1500)], 1500),
            ([], 3000),
            ([(at, 60 + other) for at in range(60) for other in range(60)], 120),
        ],
        ids=["chain", "cycle", "star", "isolated", "bipartite"],
    )
    def test_extreme_graphs_are_drawn(self, edges, count):
        made = layout(
            [(100.0, 40.0)] * count,
            edges,
            [Card("", "", "unknown")] * count,
            assign_ranks(count, edges),
            frozenset(),
            "LR",
            "wasm",
        )
        assert len(set(made.centres)) == count
        assert all(len(route) >= 5 for route in made.routes)

    def test_work_past_the_budget_is_stopped(self):
        source = "digraph {" + ";".join(f"n{a} -> n{b + 40}" for a in range(40) for b in range(40)) + "}"
        with pytest.raises(graphviz.Exhausted):
            graphviz.run(source, "wasm", fuel=50_000_000)

    def test_the_work_of_a_layout_is_counted_the_same_each_time(self):
        _, work = graphviz.run("digraph { a -> b }", "wasm", fuel=50_000_000)
        assert 0 < work < 50_000_000
        assert graphviz.run("digraph { a -> b }", "wasm", fuel=50_000_000)[1] == work


def stamped(*pairs):
    """Return a graph of cards by label and moment, all fed by one, and joined to one end."""
    nodes = [
        {"id": f"klingVideoNode-{moment}-abc{at}", "type": "klingVideoNode", "label": label}
        for at, (label, moment) in enumerate(pairs)
    ]
    ends = [{"id": "in", "type": "imageUploadNode"}, {"id": "out", "type": "videoMergeNode"}]
    wires = [{"source": "in", "target": node["id"]} for node in nodes] + [
        {"source": node["id"], "target": "out"} for node in nodes
    ]
    return load({"nodes": [*nodes, *ends], "edges": wires})


def labels_downward(picture):
    """The titles of cards, from top to bottom, but for those of both ends."""
    placed = zip(picture.scene.cards, drawing(picture).layout.centres, strict=True)
    return [
        card.title for card, _ in sorted(placed, key=lambda row: row[1][1]) if card.id not in ("in", "out")
    ]


T = 1_755_647_704_932


class TestLines:
    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_a_long_line_changes_its_level_twice_at_most_in_small_graphs(self, path):
        picture = draw(load(path), direction="LR", view="all")
        for link, route in zip(picture.scene.links, drawing(picture).layout.routes, strict=True):
            levels = [y for _, y in route[:-1:3]]
            assert sum(abs(a - b) > 0.5 for a, b in pairwise(levels)) <= 3 or link.source > link.target

    def test_lines_of_one_card_run_together_up_to_where_they_part(self):
        made = drawing(draw(workflow("a > b > c > d", "a > c", "a > d")))
        ends = {
            (link.source, link.target): route
            for link, route in zip(made.scene.links, made.layout.routes, strict=True)
        }
        first, second = ends[0, 2], ends[0, 3]
        assert first[:4] == second[:4]


class TestColumns:
    @given(small_graphs)
    @settings(max_examples=80, deadline=None)
    def test_no_card_alone_could_stand_in_a_better_column(self, graph):
        count, edges = graph
        ranks, pairs = assign_ranks(count, edges), forward_pairs(count, edges)
        assert all(ranks[a] < ranks[b] for a, b in pairs)
        for node in range(count):
            before = [ranks[a] for a, b in pairs if b == node]
            after = [ranks[b] for a, b in pairs if a == node]
            if len(after) > len(before):
                assert ranks[node] == min(after) - 1
            elif len(before) > len(after):
                assert ranks[node] == max(before) + 1

    def test_a_column_is_as_wide_as_its_cards_need(self):
        made = drawing(draw(workflow("a > b", type="fluxImageNode")))
        long = drawing(draw(workflow("a > b", type="aNodeWithQuiteALongNameNode")))
        assert made.boxes[0].width < long.boxes[0].width

    def test_cards_that_nothing_joins_stand_in_a_strip_at_the_end(self):
        made = boxes(draw(workflow("a > b", "c", "d", "e", "f", "g")))
        strip = made[2:]
        assert min(box[1] for box in strip) > max(box[3] for box in made[:2]) or min(
            box[0] for box in strip
        ) > max(box[2] for box in made[:2])
        assert len({box[1] for box in strip}) <= 2


class TestOrder:
    """Cards that could change places stand in the author's order."""

    @pytest.mark.parametrize(
        ("cards", "order"),
        [
            ([("Shot 10", T), ("Shot 9", T + 1), ("Shot 11", T + 2)], ["Shot 9", "Shot 10", "Shot 11"]),
            ([("Night", T + 2), ("Day", T), ("Dawn", T + 1)], ["Day", "Dawn", "Night"]),
            ([("4:5", T + 1), ("16:9", T), ("1:1", T + 2)], ["16:9", "4:5", "1:1"]),
        ],
        ids=["numbered", "by moment", "numbers that are no series"],
    )
    def test_by_number_then_by_moment(self, cards, order):
        assert labels_downward(draw(stamped(*cards))) == order

    def test_by_label_where_ids_have_no_moment(self):
        names = ["Look 10 a", "Look 2 a", "Look 2 b", "Ann"]
        nodes = [{"id": f"n{at}", "type": "klingVideoNode", "label": name} for at, name in enumerate(names)]
        ends = [{"id": "in", "type": "imageUploadNode"}]
        edges = [{"source": "in", "target": node["id"]} for node in nodes]
        shown = labels_downward(draw(load({"nodes": [*nodes, *ends], "edges": edges})))
        assert shown == ["Ann", "Look 2 a", "Look 2 b", "Look 10 a"]

    def test_the_same_in_the_picture_of_a_diff(self):
        old = stamped(("Night", T + 2), ("Day", T), ("Dawn", T + 1))
        new = old.model_copy(update={"nodes": tuple(reversed(old.nodes))})
        changed = stamped(("Night", T + 2), ("Day", T), ("Dawn", T + 1), ("Noon", T + 3))
        assert labels_downward(draw(new)) == labels_downward(draw(old)) == ["Day", "Dawn", "Night"]
        assert labels_downward(draw(diff(old, changed))) == ["Day", "Dawn", "Night", "Noon"]


class TestEngine:
    def test_a_failed_layout_is_an_error_without_output(self, capfd):
        with pytest.raises(RenderError):
            graphviz.run("digraph { a -", "wasm")
        assert capfd.readouterr() == ("", "")

    def test_answers_do_not_depend_on_what_was_laid_out_before(self):
        sources = [draw(load(file)).dot for file in FILES]
        alone = [graphviz.Graphviz(False).run(source, 0) for source in sources]
        shared = graphviz.Graphviz(False)
        assert [shared.run(source, 0) for source in sources] == alone
        with pytest.raises(RenderError):
            shared.run("digraph { a -", 0)
        assert [shared.run(source, 0) for source in reversed(sources)] == alone[::-1]

    def test_an_instance_is_replaced_after_a_number_of_layouts(self, monkeypatch):
        made = []

        class Counted(graphviz.Instance):
            def __init__(self, *exports):
                made.append(self)
                super().__init__(*exports)

        monkeypatch.setattr(graphviz, "LAYOUTS_PER_INSTANCE", 2)
        monkeypatch.setattr(graphviz, "Instance", Counted)
        shared = graphviz.Graphviz(False)
        answers = {shared.run("digraph { a -> b }", 0) for _ in range(5)}
        assert len(answers) == 1
        assert len(made) == 3

    def test_the_compiled_module_is_kept_for_its_owner_alone_and_made_again_where_broken(
        self, tmp_path, monkeypatch
    ):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        first = graphviz.Graphviz(True).run("digraph { a -> b }", graphviz.FUEL)
        (kept,) = (tmp_path / "lamina-graph").iterdir()
        stamp = kept.stat()
        assert (stamp.st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert graphviz.Graphviz(True).run("digraph { a -> b }", graphviz.FUEL) == first
        assert kept.stat().st_mtime_ns == stamp.st_mtime_ns
        kept.write_bytes(b"not a module")
        assert graphviz.Graphviz(True).run("digraph { a -> b }", graphviz.FUEL) == first
        assert kept.stat().st_size == stamp.st_size

    def test_a_module_that_somebody_else_could_have_written_is_not_loaded(self, tmp_path):
        kept = tmp_path / "kept" / "graphviz.cwasm"
        code_cache.write_code(kept, b"code")
        assert code_cache.read_code(kept) == b"code"
        kept.chmod(0o620)
        assert code_cache.read_code(kept) is None
        kept.chmod(0o600)
        kept.parent.chmod(0o770)
        assert code_cache.read_code(kept) is None
        kept.parent.chmod(0o700)
        (link := kept.parent / "link.cwasm").symlink_to(kept)
        assert code_cache.read_code(link) is None

    @pytest.mark.parametrize(
        "damage",
        [flip_a_bit, lambda code: code[:-1], lambda code: code + b"x", lambda code: b""],
        ids=["a flipped bit", "the end is missing", "more than was written", "empty"],
    )
    def test_a_damaged_module_is_compiled_again(self, damage, tmp_path, monkeypatch):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        before = graphviz.Graphviz(True).run("digraph { a -> b }", graphviz.FUEL)
        (kept,) = tmp_path.rglob("*.cwasm")
        whole = kept.read_bytes()
        kept.write_bytes(damage(whole))
        assert graphviz.Graphviz(True).run("digraph { a -> b }", graphviz.FUEL) == before
        assert kept.read_bytes() == whole

    def test_a_layout_works_without_a_writable_cache(self, monkeypatch):
        monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
        assert "bb" in graphviz.Graphviz(True).run("digraph { a -> b }", graphviz.FUEL)[0]

    def test_a_missing_dot_program_is_an_error_that_says_what_to_do(self, monkeypatch):
        monkeypatch.setenv("PATH", "")
        with pytest.raises(RenderError) as caught:
            _ = replace(draw(workflow("a > b")), engine="dot").svg
        assert "Install Graphviz" in caught.value.hint


class TestDirection:
    @pytest.mark.parametrize(("length", "breadth", "way"), [(8, 1, "LR"), (9, 1, "TB"), (10, 9, "LR")])
    def test_a_long_and_narrow_graph_runs_from_top_to_bottom(self, length, breadth, way):
        rows = [[f"{row}.{at}" for at in range(length)] for row in range(breadth)]
        pairs = [
            *(pair for row in rows for pair in pairwise(row)),
            *((rows[0][0], row[1]) for row in rows[1:]),
        ]
        w = load(
            {
                "nodes": [{"id": id_, "type": "fluxImageNode"} for row in rows for id_ in row],
                "edges": [{"source": source, "target": target} for source, target in pairs],
            }
        )
        assert draw(w, view="all").direction == way
        assert draw(w, view="all").mermaid.startswith(f"flowchart {way}")
        assert draw(w, view="all", direction="LR").direction == "LR"

    def test_a_cycle_has_an_extent(self):
        assert grid_size(draw(workflow("a > b > c > a")).scene) == (3, 1)
