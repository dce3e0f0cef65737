"""Cards stand clear of each other, lines of cards; layouts are bounded, repeatable and safe."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from pictures import FILES, boxes, check_clear, drawing, lettered, small_graphs, workflow

from lamina_graph.errors import RenderError
from lamina_graph.files import load
from lamina_graph.render import draw
from lamina_graph.render.layout import code_cache, graphviz
from lamina_graph.render.layout.layout import grid_size, layout
from lamina_graph.render.layout.ranks import assign_ranks
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
