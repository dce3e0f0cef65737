"""Scenes say what a graph, a diff, an estimate or a run says, whatever form they are then drawn in."""

import pytest
from builders import content
from conftest import SAMPLES
from hostile import check_mermaid
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import FILES, HISTORY, check_clear, lettered, small_graphs, workflow

from lamina_graph.classify import Evidence, classify
from lamina_graph.diff import Accepted, Version, diff
from lamina_graph.errors import InputError
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.model import App, Credits, Estimate, Run
from lamina_graph.render import Focus, draw, find_node
from lamina_graph.render.layout import graphviz


class TestLegend:
    def test_a_legend_has_only_what_occurs(self):
        keys = [(key.sign, key.word) for key in draw(load(SAMPLES / "chain.json")).scene.legend()]
        assert keys == [
            ("role", "input"),
            ("role", "generate"),
            ("role", "transform"),
            ("role", "output"),
            ("modality", "image"),
            ("modality", "video"),
            ("deliverable", "deliverable"),
            ("main", "main path"),
        ]

    def test_an_empty_workflow_has_none(self):
        assert draw(load(SAMPLES / "empty.json")).scene.legend() == ()


class TestMainPath:
    def main(self, w, path=()):
        """The edges of the main path where evidence names a path, by the classification where it does not."""
        facts = features(w)
        found = classify(w, facts=facts)
        if path:
            evidence = Evidence(rule="test", claim="", source="topology", path=tuple(path))
            found = found.model_copy(update={"evidence": (evidence,)})
        picture = draw(w, analysis=(facts, found))
        return {(link.source, link.target) for link in picture.scene.links if link.main}

    def test_runs_from_an_input_to_a_deliverable(self):
        w = load(SAMPLES / "chain.json")
        assert self.main(w) == {(0, 1), (1, 2), (2, 3)}

    def test_the_main_path_can_be_chosen(self):
        w = workflow("a > b", "a > c > d", type="imageUpscalerNode")
        assert self.main(w, path=["a", "b"]) == {(0, 1)}

    def test_is_found_among_cycles(self):
        assert self.main(load(SAMPLES / "cycle.json"))

    def test_the_main_path_starts_where_the_evidence_starts(self):
        w = workflow("a > b > c > d")
        assert self.main(w, path=["c", "d"]) == {(0, 1), (1, 2), (2, 3)}

    def test_the_main_path_visits_no_node_twice(self):
        assert self.main(workflow("a > b > c > a"), path=["c", "a"]) == {(1, 2), (2, 0)}


class TestModelFiles:
    """A loader says which file it loads, where the workflow does."""

    def loader(self, **extra):
        node = {"id": "1", "type": "UNETLoader"} | extra
        return draw(load({"nodes": [node], "edges": []})).scene.cards[0]

    @pytest.mark.parametrize(
        ("extra", "kind"),
        [
            (
                {"settings": {"unet_name": "FLUX/flux1-dev.safetensors", "dtype": "x"}},
                "flux1-dev.safetensors",
            ),
            ({"models": [{"name": "ae.sft", "url": "https://example.org"}]}, "ae.sft"),
            ({"label": "My model", "settings": {"unet_name": "a.gguf"}}, "UNET Loader"),
            ({"settings": {"unet_name": "none"}, "models": "?"}, "control"),
            ({}, "control"),
        ],
    )
    def test_below_its_type_stands_the_file_and_below_its_label_the_type(self, extra, kind):
        assert self.loader(**extra).kind == kind

    def test_the_tooltip_has_the_file_in_each_case(self):
        assert "model a.gguf" in self.loader(label="My model", settings={"unet_name": "a.gguf"}).tooltip


class TestOverlays:
    w = workflow("a > b > c", "a > d")

    def estimate(self, **credits):
        rows = [{"nodeId": id_, "nodeType": "x", "credits": value} for id_, value in credits.items()]
        return Estimate.model_validate({"appId": "x", "breakdown": rows})

    def test_credits_have_a_scale_and_name_nodes_without_a_price(self):
        scene = draw(self.w, color=self.estimate(a=0, b=10, d=50, z=3)).scene
        assert [card.step for card in scene.cards] == [0, 1, None, 4]
        assert [card.note for card in scene.cards] == ["0 cr", "10 cr", "", "50 cr"]
        assert scene.scale == ("0–10 cr", "10–20 cr", "20–30 cr", "30–40 cr", "40–50 cr")
        assert scene.remarks == ("not priced: C", "1 priced elsewhere: no such node here")

    @pytest.mark.parametrize(
        ("total", "words"),
        [
            (None, "at least 60 credits a run"),
            ({"expected": 70}, "70 credits a run"),
            ({"expected": 70, "min": 60, "max": 90}, "70 credits a run (60–90)"),
        ],
    )
    def test_credits_of_a_run_stand_below_the_title(self, total, words):
        """What the estimate says, else the sum of the nodes, which is the least where some have no price."""
        estimate = self.estimate(a=0, b=10, d=50).model_copy(
            update={"estimated_credits": Credits.model_validate(total) if total else None}
        )
        assert draw(self.w, color=estimate).scene.subtitle.endswith(f" · {words}")

    def test_of_a_part_the_credits_of_a_run_are_the_least(self):
        """What is not shown may have no price either."""
        scene = draw(self.w, color=self.estimate(a=0, b=10, c=1), view=Focus("b", 1, 1)).scene
        assert scene.subtitle.endswith(" · at least 11 credits a run")

    def test_inputs_and_controls_are_not_missing_a_price(self):
        w = workflow("a:textInputNode > b > c:videoOutputNode")
        assert draw(w, color=self.estimate(b=3)).scene.remarks == ()

    @pytest.mark.parametrize(
        ("apart", "notes", "remark"),
        [
            (3_600_000, ["13:26", "14:26"], ("all times are of 2026-03-09, UTC",)),
            (30_000, ["13:26:11", "13:26:41"], ("all times are of 2026-03-09, UTC",)),
            (86_400_000, ["03-09 13:26", "03-10 13:26"], ("2026",)),
            (864_000_000, ["2026-03-09", "2026-03-19"], ()),
        ],
    )
    def test_ages_are_told_apart_by_the_time_where_the_day_is_one(self, apart, notes, remark):
        """The legend then says which day, or which year; no two spans of it have one name."""
        first = 1773062771782
        ids = [f"a-{at}-5yzqjkwpm" for at in (first, first + apart)]
        scene = draw(
            load({"nodes": [{"id": id_, "type": "a"} for id_ in ids], "edges": []}), color="age"
        ).scene
        assert [card.note for card in scene.cards] == notes
        assert scene.remarks == remark
        assert len(set(scene.scale)) == 5

    def test_a_graph_without_dates_says_so_once(self):
        scene = draw(self.w, color="age").scene
        assert scene.remarks == ("no node has a date in its id",)
        assert scene.scale == ()

    def test_credits_emphasise_the_most_expensive_path(self):
        scene = draw(self.w, color=self.estimate(a=0, b=10, c=1, d=50)).scene
        assert [(link.source, link.target) for link in scene.links if link.main] == [(0, 3)]
        assert "most expensive path" in [key.word for key in scene.legend()]

    @pytest.mark.parametrize(
        ("words", "problem"),
        [
            ({"color": "credits"}, "need an estimate"),
            ({"color": "run"}, "need a run"),
            ({"color": "blue"}, "no such color: 'blue'"),
            ({"theme": "sepia"}, "no such theme: 'sepia'"),
            ({"direction": "BT"}, "no such direction: 'BT'"),
            ({"view": "collapsed"}, "no such view: 'collapsed'"),
        ],
    )
    def test_an_argument_that_is_none_is_refused_with_those_that_are(self, words, problem):
        with pytest.raises(InputError, match=problem) as caught:
            draw(self.w, **words)
        assert caught.value.hint

    def test_a_path_is_no_workflow(self):
        with pytest.raises(InputError, match="from a str"):
            draw("app.json")

    def test_ages_come_from_ids(self):
        ids = ["a-1773051929782-5yzqjkwpm", "a-1783051929782-5yzqjkwpm", "plain"]
        w = load({"nodes": [{"id": id_, "type": "a"} for id_ in ids], "edges": []})
        scene = draw(w, color="age").scene
        assert [(card.step, card.note) for card in scene.cards] == [
            (0, "2026-03-09"),
            (4, "2026-07-03"),
            (None, ""),
        ]
        assert scene.scale[0] == "from 2026-03-09"
        assert scene.remarks[0].startswith("no date: ")

    @pytest.mark.parametrize("form", ["svg", "dot", "mermaid", "text"])
    def test_go_through_every_form(self, form):
        picture = draw(self.w, color=self.estimate(a=1, b=2))
        assert "2 cr" in getattr(picture, form)


class TestDiff:
    change = diff(load(HISTORY / "v1.json"), load(HISTORY / "v4.json"))
    picture = draw(change)

    def test_shows_both_graphs_in_one(self):
        marks = [card.mark for card in self.picture.scene.cards]
        assert marks.count("added") == len(self.change.nodes.added)
        assert marks.count("removed") == len(self.change.nodes.removed)
        assert len(marks) == len(self.change.new_workflow.nodes) + len(self.change.nodes.removed)
        lines = [link.mark for link in self.picture.scene.links]
        assert lines.count("added") == len(self.change.edges.added)
        assert lines.count("removed") == len(self.change.edges.removed)

    def test_marks_have_a_sign_and_a_word(self):
        words = {key.word for key in self.picture.scene.legend()}
        used = {card.mark for card in self.picture.scene.cards} - {None}
        assert used < words
        signs = {line[:2] for line in self.picture.text.splitlines()[3:] if line}
        assert signs <= {"+ ", "- ", "~ ", "! ", "  "}
        assert len(signs) > 1

    def test_carries_the_new_workflow(self):
        assert load(self.picture.svg.encode()) == self.change.new_workflow

    def test_says_what_a_retyped_node_was(self):
        old, new = workflow("a > b"), workflow("a > b:klingVideoNode")
        (changed,) = [card for card in draw(diff(old, new)).scene.cards if card.mark]
        assert (changed.mark, changed.kind) == ("changed", "was Flux Image")

    def test_says_what_a_relabelled_node_was(self):
        old = load({"nodes": [{"id": "a", "type": "fluxImageNode", "label": "Before"}], "edges": []})
        new = load({"nodes": [{"id": "a", "type": "fluxImageNode", "label": "After"}], "edges": []})
        (card,) = draw(diff(old, new)).scene.cards
        assert (card.mark, card.title, card.kind) == ("changed", "After", "was Before")
        assert card.tooltip[-1] == "label was Before"

    def test_of_equal_graphs_is_pale_and_says_so(self):
        w = load(HISTORY / "v1.json")
        picture = draw(diff(w, w))
        assert {card.mark for card in picture.scene.cards} == {None}
        assert picture.scene.subtitle == "no change to the graph"

    def test_what_changed_for_callers_but_not_in_shape_is_marked_and_named(self):
        """A new id of a deliverable is seen by callers; a new id elsewhere has a sign of its own."""
        old, new = (
            load(content(chain, type="fluxImageNode", name="Reel")) for chain in ("a > b > c", "a > x > y")
        )
        scene = draw(diff(old, new)).scene
        assert scene.subtitle == "risky · 1 node affected · 1 node re-identified"
        assert {card.id: card.mark for card in scene.cards} == {
            "a": None,
            "x": "reidentified",
            "y": "affected",
        }
        assert [card.kind for card in scene.cards if card.mark == "affected"] == ["deliverable re-identified"]
        assert {"affected", "re-identified"} <= {key.word for key in scene.legend()}

    @pytest.mark.parametrize(
        ("update", "words"),
        [
            ({"unknown": ("credits: no estimate",)}, "risky · 1 node changed · 1 not compared"),
            ({"ignored": 2}, "risky · 1 node changed · 2 ignored"),
            ({"severity": None}, "no caller-visible change · 1 node changed"),
            ({"severity": None, "accepted": True}, "accepted · 1 node changed"),
        ],
    )
    def test_what_is_accepted_ignored_or_unknown_is_named(self, update, words):
        """None of it is shown as no change."""
        found = diff(workflow("a > b"), workflow("a > b:veoImageNode"))
        if update.get("accepted"):
            known = [
                each.model_copy(update={"accepted": Accepted(reason="planned")}) for each in found.changes
            ]
            update = {"severity": None, "changes": tuple(known)}
        assert draw(found.model_copy(update=update)).scene.subtitle == words

    def test_a_change_of_no_node_is_counted(self):
        """The name of the app, for instance; the picture does not say that nothing changed."""
        renamed = workflow("a > b", name="Other")
        assert draw(diff(workflow("a > b"), renamed)).scene.subtitle == (
            "cosmetic · 1 change of the app as a whole"
        )

    def test_what_the_contract_says_of_an_input_is_marked_at_its_node(self):
        """By the name that callers know it by."""
        w = load({"nodes": [{"id": "a", "type": "imageInputNode", "label": "Photo"}], "edges": []})
        details = [
            App.model_validate(
                {"appId": "x", "name": "X", "parameters": [{"name": "Photo", "type": "url"} | default]}
            )
            for default in ({"default": "https://example.org/a.png"}, {})
        ]
        change = diff(*(Version(w, detail) for detail in details))
        (card,) = draw(change).scene.cards
        assert (card.mark, card.kind) == ("affected", "parameter required")

    @pytest.mark.parametrize("older", ["v1", "v2", "v3", "v4"])
    def test_every_form_of_every_step_of_a_history(self, older):
        change = diff(load(HISTORY / f"{older}.json"), load(HISTORY / "v5.json"))
        picture = draw(change)
        check_clear(picture)
        check_mermaid(picture.mermaid, len(picture.scene.cards), len(picture.scene.links))
        graphviz.run(picture.dot, "wasm")


class TestFocus:
    w = workflow("a > b > c > d > e", "x > c")

    def ids(self, scene):
        return "".join(part.id for card in scene.cards if not card.stub for part in card.members)

    @pytest.mark.parametrize(
        ("up", "down", "kept"), [(0, 0, "c"), (1, 0, "bcx"), (0, 1, "cd"), (9, 9, "abcdex"), (1, 1, "bcdx")]
    )
    def test_keeps_what_is_near(self, up, down, kept):
        assert self.ids(draw(self.w, view=Focus("c", up, down)).scene) == kept

    def test_lines_that_leave_end_in_stubs_that_say_how_many_nodes_are_not_shown(self):
        scene = draw(self.w, view=Focus("c", 1, 0)).scene
        stubs = [(i, card) for i, card in enumerate(scene.cards) if card.stub]
        assert [card.tooltip for _, card in stubs] == [("comes from A",), ("leads on to D",)]
        names = [card.id for card in scene.cards]
        assert [(names[s], names[t]) for s, t in scene.pairs if "" in (names[s], names[t])] == [
            ("", "b"),
            ("c", ""),
        ]

    @given(small_graphs, st.integers(0, 8), st.integers(0, 2), st.integers(0, 2))
    @settings(max_examples=80, deadline=None)
    def test_every_edge_of_a_shown_node_is_a_line_or_in_a_stub(self, graph, at, up, down):
        """Nothing that feeds a shown node, or that it feeds, goes without a trace."""
        count, edges = graph
        w = lettered(count, edges)
        ids = [node.id for node in w.nodes]
        scene = draw(w, view=Focus(ids[at % count], up, down, "all")).scene
        shown = {card.id: i for i, card in enumerate(scene.cards) if not card.stub}
        whole = {(ids[source], ids[target]) for source, target in edges}
        for id_, card in shown.items():
            for ends, others in (
                ([s for s, t in scene.pairs if t == card], {s for s, t in whole if t == id_}),
                ([t for s, t in scene.pairs if s == card], {t for s, t in whole if s == id_}),
            ):
                stubs = sum(int(scene.cards[end].title.split()[0]) for end in ends if scene.cards[end].stub)
                assert {scene.cards[end].id for end in ends if not scene.cards[end].stub} == others & set(
                    shown
                )
                assert stubs == len(others - set(shown))

    def test_the_node_in_the_middle_is_marked_in_every_form(self):
        """A ring in the SVG, which the legend explains; a word in text; a thicker outline elsewhere."""
        picture = draw(self.w, view=Focus("c", 1, 1))
        assert [card.id for card in picture.scene.cards if card.highlighted] == ["c"]
        assert picture.svg.count('class="lg-h"') == 2
        assert "highlighted" in picture.svg
        assert "◆ highlighted" in picture.text
        assert "penwidth=4" in picture.dot
        assert "class n2 highlighted" in picture.mermaid

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    @pytest.mark.parametrize("view", ["all", "folded", "stages"])
    def test_says_of_each_card_what_the_whole_says(self, path, view):
        """Category, counts and deliverables are those of the whole workflow."""
        w = load(path)
        facts = features(w)
        whole = draw(w, view="all").scene
        ends = {item.end for item in facts.deliverables}
        for fact in facts.facts[:6]:
            scene = draw(w, view=Focus(fact.id, 1, 1, view)).scene
            assert scene.subtitle.startswith(f"{whole.subtitle} · ")
            assert f" of {len(facts.facts)} node" in scene.subtitle
            assert scene.workflow == w
            parts = [part for card in scene.cards if not card.stub for part in card.members]
            assert {part.id for part in parts if part.deliverable} == ends & {part.id for part in parts}

    @pytest.mark.parametrize(
        ("words", "id_"),
        [("n1", "n1"), ("shot 1 ", "n1"), ("Veo", "n3"), ("veoNode", "n3"), ("Shot 2", "n2")],
    )
    def test_a_node_is_known_by_its_id_its_label_or_its_type(self, words, id_):
        labels = {"n1": "Shot 1", "n2": "Shot 2", "n3": None}
        types = {"n1": "klingVideoNode", "n2": "klingVideoNode", "n3": "veoNode"}
        nodes = [{"id": key, "type": types[key], "label": label} for key, label in labels.items()]
        w = load({"nodes": nodes, "edges": []})
        assert find_node(w, words) == id_
        with pytest.raises(InputError, match="2 nodes begin with “shot”"):
            find_node(w, "shot")

    def test_a_node_that_is_not_there_is_an_error_that_names_what_is_near(self):
        with pytest.raises(InputError, match="no node “nowhere”"):
            draw(self.w, view=Focus("nowhere"))
        with pytest.raises(InputError) as caught:
            draw(load(SAMPLES / "launch-video.json"), view=Focus("Scene one"))
        assert "Did you mean “Scene 1”" in caught.value.hint

    def test_a_diff_has_none(self):
        with pytest.raises(InputError, match="not drawn around one node"):
            draw(diff(self.w, self.w), view=Focus("c"))


class TestOverlaysOnFoldedCards:
    fan = load(
        {
            "nodes": [
                {"id": "a-1773051929782-a", "type": "textInputNode", "label": "Brief"},
                *(
                    {"id": f"b-17{at}3051929782-b", "type": "fluxImageNode", "label": f"Frame {at}"}
                    for at in (7, 8, 9)
                ),
            ],
            "edges": [{"source": "a-1773051929782-a", "target": f"b-17{at}3051929782-b"} for at in (7, 8, 9)],
        }
    )

    def test_an_age_is_a_span_coloured_by_the_newest(self):
        _, frames = draw(self.fan, view="folded", color="age").scene.cards
        assert (frames.note, frames.step) == ("2026-03-09 – 2026-10-26", 4)

    def test_credits_are_a_sum_and_what_has_no_price_is_counted_and_named(self):
        rows = [{"nodeId": f"b-17{at}3051929782-b", "nodeType": "x", "credits": 4} for at in (7, 9)]
        estimate = Estimate.model_validate({"appId": "x", "breakdown": rows})
        scene = draw(self.fan, view="folded", color=estimate).scene
        assert [(card.note, card.step) for card in scene.cards] == [
            ("", None),
            ("8 cr · 1 without a price", 4),
        ]
        assert scene.remarks == ("not priced: Frame 8",)

    def test_a_run_shows_the_worst_and_counts(self):
        outputs = [
            {"id": "b-1773051929782-b", "label": "One", "status": "completed", "value": "x"},
            {"id": "b-1783051929782-b", "label": "Two", "status": "failed", "error": "too dark"},
            {"id": "b-1793051929782-b", "label": "Three", "status": "completed", "value": "x"},
        ]
        run = Run.model_validate({"runId": "r", "status": "failed", "outputs": outputs})
        scene = draw(self.fan, view="folded", color=run).scene
        assert (scene.cards[1].mark, scene.cards[1].subtitle) == ("failed", "1 failed, 2 done")
        assert scene.subtitle == "run failed · 1 failed · 3 done · 3 nodes folded to 1 card"
        assert scene.remarks[0] == "Frame 8: too dark"

    def test_a_diff_folds_only_what_did_not_change(self):
        changed = self.fan.model_copy(
            update={
                "nodes": (*self.fan.nodes[:-1], self.fan.nodes[-1].model_copy(update={"own_label": "New"}))
            }
        )
        cards = draw(diff(self.fan, changed), view="folded").scene.cards
        assert [(card.title, card.mark) for card in cards] == [
            *(("Brief", None), ("Frame 7", None), ("Frame 8", None), ("New", "changed"))
        ]

    def test_an_estimate_of_another_app_is_refused(self):
        estimate = Estimate.model_validate(
            {"appId": "other", "breakdown": [{"nodeId": "z", "nodeType": "x", "credits": 1}]}
        )
        with pytest.raises(InputError, match="the estimate of other prices 1 node, none of which"):
            draw(self.fan, color=estimate)

    def test_an_estimate_without_prices_leaves_the_main_path_and_names_every_node(self):
        estimate = Estimate.model_validate({"appId": "x", "estimatedCredits": {"expected": 3}})
        scene = draw(self.fan, color=estimate).scene
        assert scene.path == "main path"
        assert scene.remarks == ("not priced: Frame 7, Frame 8, Frame 9",)
