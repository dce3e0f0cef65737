"""A folded picture has one card for like branches, helpers, chains and stages, and says what it is."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from conftest import SAMPLES
from hostile import HOSTILE_WORKFLOW, check_mermaid, misleading
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import TEMPLATE, cards, check_clear, drawing, lettered, small_graphs, titles, workflow

from lamina_graph.diff import diff
from lamina_graph.errors import InputError
from lamina_graph.features import features
from lamina_graph.files import load
from lamina_graph.graph import adjacency, topological_order
from lamina_graph.model import Edge
from lamina_graph.render import draw
from lamina_graph.render.folding.chips import name_helpers
from lamina_graph.render.folding.fold_scene import common_title, fold_scene
from lamina_graph.render.folding.stages import group_stages
from lamina_graph.render.font_metrics import text_width
from lamina_graph.render.palette import (
    KIND,
    TITLE,
)
from lamina_graph.render.scenes.scene import neighbor_lists


class TestFolding:
    def test_branches_of_one_shape_are_one(self):
        assert titles(draw(load(SAMPLES / "launch-video.json"), view="folded")) == [
            *("Launch brief", "Product photo", "Script in three scenes", "Voiceover", "Score"),
            *("Key frame 1–3 × 3", "Scene 1–3 × 3", "Cut the film", "Launch film 16:9"),
        ]

    def test_branches_within_branches_are_counted_in_all(self):
        cards = draw(load(SAMPLES / "fifteen-outputs.json"), view="folded").scene.cards
        assert sorted(card.times for card in cards) == [1, 1, 5, 15]

    def test_folds_graphs_of_forty_nodes_or_more_by_default(self):
        few, many = ("a" * count for count in (39, 40))
        chains = [
            load(
                {
                    "nodes": [{"id": f"{at}", "type": "resizeImageNode"} for at in range(len(nodes))],
                    "edges": [{"source": f"{at}", "target": f"{at + 1}"} for at in range(len(nodes) - 1)],
                }
            )
            for nodes in (few, many)
        ]
        assert [len(draw(w).scene.cards) for w in chains] == [39, 2]
        assert [len(draw(w, view="folded").scene.cards) for w in chains] == [2, 2]
        assert [len(draw(w, view="all").scene.cards) for w in chains] == [39, 40]

    @given(small_graphs)
    @settings(max_examples=60, deadline=None)
    def test_every_node_is_on_one_card_and_a_line_is_there_where_an_edge_is(self, graph):
        count, edges = graph
        names = "abcdefghi"
        w = lettered(count, edges, "resizeImageNode")
        scene = draw(w, view="folded").scene
        card = {part.id: at for at, each in enumerate(scene.cards) for part in each.members}
        assert sorted(part.id for each in scene.cards for part in each.members) == list(names[:count])
        between = {
            (card[names[a]], card[names[b]]) for a, b in edges if card[names[a]] != card[names[b]] or a == b
        }
        assert {(link.source, link.target) for link in scene.links} == between
        assert fold_scene(scene) == scene

    def test_folded_nodes_are_counted_and_named_in_the_tooltip(self):
        picture = draw(load(SAMPLES / "launch-video.json"), view="folded")
        assert picture.folds == "6 nodes folded to 2 cards"
        assert picture.scene.subtitle.endswith(picture.folds)
        (frames,) = [card for card in picture.scene.cards if card.title.startswith("Key frame")]
        assert frames.tooltip[0] == "Key frame 1–3 × 3: 3 nodes"
        assert [line.split(" · ")[0] for line in frames.tooltip[1:]] == [
            "Key frame 1",
            "Key frame 2",
            "Key frame 3",
        ]

    def test_the_picture_carries_the_whole_workflow(self):
        assert load(draw(TEMPLATE).svg.encode()) == TEMPLATE

    @pytest.mark.parametrize("form", ["svg", "dot", "mermaid", "text"])
    def test_every_format_shows_the_number_of_branches(self, form):
        assert "× 8" in getattr(draw(TEMPLATE), form)

    def test_the_count_of_branches_fits_its_card_beside_the_title(self):
        picture = draw(TEMPLATE)
        assert (
            picture.svg.count('class="lg-t lg-x"') == sum(card.times > 1 for card in picture.scene.cards) > 5
        )
        for box, (group, _, texts) in zip(drawing(picture).boxes, cards(picture.svg), strict=True):
            for pill in (node for node in group if node.get("rx") == "9"):
                (face,) = (node for node in texts if "lg-x" in node[0].get("class"))
                left, right = float(pill.get("x")), float(pill.get("x")) + float(pill.get("width"))
                assert left < float(face[0].get("x"))
                assert float(face[0].get("x")) + text_width(face[1], KIND, bold=True) < right
                assert right < box.width
                assert float(pill.get("y")) + float(pill.get("height")) < 21.5 - TITLE * 0.72

    @pytest.mark.parametrize("view", ["auto", "stages"])
    def test_the_main_path_goes_through_folded_cards(self, view):
        scene = draw(TEMPLATE, view=view).scene
        ends = {end for link in scene.links if link.main for end in (link.source, link.target)}
        assert {scene.cards[end].role for end in ends} >= {"input", "generate", "output"}
        assert all(scene.cards[end].main for end in ends)

    @pytest.mark.parametrize("name", ["1-click-multiple-scene-angles-v1-0", "6-key-frames"])
    @pytest.mark.parametrize("view", ["auto", "stages"])
    def test_folded_cards_are_clear_of_each_other_and_of_lines(self, name, view):
        check_clear(draw(load(SAMPLES / "templates" / f"{name}.json"), view=view))

    def test_hostile_text_goes_through_folded_cards(self):
        picture = draw(HOSTILE_WORKFLOW, view="folded")
        ElementTree.fromstring(picture.svg)
        check_mermaid(picture.mermaid, len(picture.scene.cards), len(picture.scene.links))
        assert not misleading(picture.text)

    def test_equal_inputs_give_equal_bytes(self):
        assert draw(TEMPLATE).svg == draw(TEMPLATE).svg

    @pytest.mark.parametrize(
        ("given_titles", "title"),
        [
            (["Steps", "Steps"], "Steps"),
            (["Shot 3", "Shot 1", "Shot 2"], "Shot 1–3"),
            (["Shot 1", "Shot 3"], "Shot 1 / 3"),
            (["Front view", "Back view", "Side view"], "Front … Side view"),
            (["One", "Two", "One"], "One / Two"),
            (["Clip", "Clip 2"], "Clip … 2"),
            (["²", "³"], "² / ³"),
            (["", "x"], "… x"),
            (
                ["Encode the first of the prompts", "Describe what is to be seen"],
                "Describe what is to be seen …",
            ),
        ],
    )
    def test_titles_as_one(self, given_titles, title):
        assert common_title(given_titles) == title


class TestHelpers:
    """A loader that feeds three decoders, one of them shown by a preview; a prompt that feeds two."""

    w = load(
        {
            "name": "Reel",
            "nodes": [
                {"id": "vae", "type": "VAELoader"},
                {"id": "style", "type": "loraLoaderNode", "label": "Style"},
                {"id": "prompt", "type": "textInputNode"},
                *({"id": f"k{n}", "type": "klingVideoNode", "label": f"Kling {n}"} for n in (1, 2, 3)),
                {"id": "look", "type": "PreviewImage"},
                {"id": "cut", "type": "videoMergeNode"},
            ],
            "edges": [
                {"source": source, "target": target}
                for source, target in (
                    *(("vae", f"k{n}") for n in (1, 2, 3)),
                    *(("style", f"k{n}") for n in (1, 2)),
                    *((("prompt", "k1")), ("prompt", "k2")),
                    *((f"k{n}", "cut") for n in (1, 2, 3)),
                    ("k3", "look"),
                )
            ],
        }
    )

    def scene(self, w=w):
        whole = draw(w).scene
        marked = [replace(card, main=False, deliverable=card.id == "cut") for card in whole.cards]
        return name_helpers(replace(whole, cards=tuple(marked)))

    def test_a_helper_of_three_cards_is_a_chip_on_each_and_one_of_two_stays(self):
        named = {card.id: [chip.id for chip in card.chips] for card in self.scene().cards}
        assert named == {
            "style": [], "prompt": [], "k1": ["vae"], "k2": ["vae"], "k3": ["vae"], "cut": []
        }  # fmt: skip

    def test_a_preview_is_a_sign_on_what_it_shows(self):
        assert {card.id for card in self.scene().cards if card.previews} == {"k3"}

    def test_every_node_has_a_place(self):
        scene = self.scene()
        assert set(scene.places) == {node.id for node in self.w.nodes}
        assert scene.cards[scene.places["look"]].id == "k3"

    def test_a_helper_that_something_feeds_keeps_its_card_and_says_whom_it_feeds(self):
        fed = self.w.model_copy(update={"edges": (*self.w.edges, Edge(source="prompt", target="vae"))})
        cards = self.scene(fed).cards
        (card,) = [card for card in cards if card.id == "vae"]
        assert card.kind.endswith("feeds 3 cards")

    def test_helpers_of_one_title_are_numbered(self):
        double = {"nodes": [*self.w.nodes, self.w.nodes[0].model_copy(update={"id": "other"})]}
        edges = (*self.w.edges, *(Edge(source="other", target=f"k{n}") for n in (1, 2, 3)))
        scene = name_helpers(draw(self.w.model_copy(update=double | {"edges": edges})).scene)
        assert {chip.title for card in scene.cards for chip in card.chips} == {"VAE Loader 1", "VAE Loader 2"}

    def test_chips_stand_inside_their_card_and_beside_each_other(self):
        for box in drawing(draw(TEMPLATE)).boxes:
            for chip in box.chips:
                assert text_width(chip.text, KIND) < chip.width
                assert chip.x + chip.width <= box.width - 8
                assert chip.y + 17 <= box.height

    @pytest.mark.parametrize("form", ["svg", "dot", "mermaid", "text"])
    def test_every_format_names_them(self, form):
        assert "VAE Loader" in getattr(draw(TEMPLATE), form)

    @given(small_graphs, st.data())
    @settings(max_examples=60, deadline=None)
    def test_no_node_and_no_line_is_lost_in_any_graph(self, graph, data):
        """A line is there, or its source is named on its target, or its target is a sign on its source."""
        count, edges = graph
        types = data.draw(
            st.lists(
                st.sampled_from(["vaeLoaderNode", "PreviewImage", "klingVideoNode"]),
                min_size=count,
                max_size=count,
            )
        )
        w = lettered(count, edges, types)
        scene = name_helpers(draw(w).scene)
        told = {(scene.cards[link.source].id, scene.cards[link.target].id) for link in scene.links}
        told |= {(chip.id, card.id) for card in scene.cards for chip in card.chips}
        told |= {(card.id, sign.id) for card in scene.cards for sign in card.previews}
        assert told == {(edge.source, edge.target) for edge in w.edges}
        assert set(scene.places) == {node.id for node in w.nodes}


class TestStages:
    def test_a_spelled_out_generation_is_one_card_by_the_name_of_its_model(self):
        picture = draw(TEMPLATE, view="stages")
        assert sorted(titles(picture))[:4] == [
            "Load Scene Image",
            "Prompt Low angle … 90deg right × 8",
            "Qwen Image × 8",
            "Save Image - Low angle … 90 right × 8",
        ]
        (made,) = [card for card in picture.scene.cards if card.role == "generate"]
        assert made.kind == "image · 9 nodes each"

    def test_a_generation_that_a_person_named_keeps_its_name(self):
        nodes = tuple(
            node.model_copy(update={"own_label": "Turn the camera"}) if node.type == "KSampler" else node
            for node in TEMPLATE.nodes
        )
        picture = draw(TEMPLATE.model_copy(update={"nodes": nodes}), view="stages")
        assert "Turn the camera × 8" in titles(picture)

    def test_helpers_that_several_generations_share_are_one(self):
        (shared,) = [card for card in draw(TEMPLATE, view="stages").scene.cards if card.role == "control"]
        assert (shared.kind, len(shared.parts)) == ("5 shared helpers", 5)

    @pytest.mark.parametrize(
        "name", ["api-bria-virtual-try-on", "api-kling-vto", "product-placement", "video-ltx2-canny-to-video"]
    )
    def test_stages_run_in_no_circle(self, name):
        """A loader that serves two passes, or a preview between them, would close one."""
        scene = draw(load(SAMPLES / "templates" / f"{name}.json"), view="stages").scene
        successors, _ = neighbor_lists(len(scene.cards), scene.pairs)
        assert len(topological_order(successors)) == len(scene.cards)

    def test_inputs_and_deliverables_stay(self):
        w = load(SAMPLES / "templates" / "6-key-frames.json")
        whole, stages = draw(w, view="all").scene, draw(w, view="stages").scene
        for kind in ("input", "deliverable"):
            found = [
                part.id
                for card in stages.cards
                if len(card.parts) in (0, card.times)
                for part in card.members
                if (part.role == kind or (kind == "deliverable" and part.deliverable))
            ]
            assert sorted(found) == sorted(
                card.id
                for card in whole.cards
                if card.role == kind or (kind == "deliverable" and card.deliverable)
            )

    def test_a_graph_without_spelled_out_models_is_unchanged(self):
        w = load(SAMPLES / "launch-video.json")
        assert titles(draw(w, view="stages")) == titles(draw(w, view="folded"))

    def test_a_diff_has_no_stages(self):
        with pytest.raises(InputError, match="no view of stages"):
            draw(diff(TEMPLATE, TEMPLATE), view="stages")

    def test_the_colours_of_a_diff_stand_for_its_changes(self):
        with pytest.raises(InputError, match="show its changes"):
            draw(diff(TEMPLATE, TEMPLATE), color="age")

    @given(small_graphs, st.data())
    @settings(max_examples=60, deadline=None)
    def test_every_node_is_in_one_stage(self, graph, data):
        count, edges = graph
        kinds = ["resizeImageNode", "fluxImageNode", "imageInputNode", "imageOutputNode", "fooNode"]
        types = data.draw(st.lists(st.sampled_from(kinds), min_size=count, max_size=count))
        w = lettered(count, edges, types)
        groups = group_stages(adjacency(w), features(w))
        assert sorted(member for group in groups for member in group.members) == list(range(count))


class TestUnchangedPartsOfADiff:
    """From twenty-one cards on, a diff shows what changed and what is next to it, the rest folded."""

    row = " > ".join(f"n{i}" for i in range(30))

    def test_what_is_two_or_more_steps_from_a_change_is_one_card_on_each_side(self):
        old, new = workflow(self.row), workflow(self.row.replace("n15 ", "n15:klingVideoNode "))
        scene = draw(diff(old, new)).scene
        assert [len(card.members) for card in scene.cards] == [14, 1, 1, 1, 13]
        assert [card.kind for card in scene.cards if card.parts] == [
            "14 unchanged nodes",
            "13 unchanged nodes",
        ]
        assert "27 nodes folded to 2 cards" in draw(diff(old, new)).scene.subtitle

    def test_of_a_small_diff_every_card_is_shown(self):
        small = " > ".join(f"n{i}" for i in range(20))
        old, new = workflow(small), workflow(small.replace("n15 ", "n15:klingVideoNode "))
        assert len(draw(diff(old, new)).scene.cards) == 20

    def test_every_node_can_be_shown(self):
        old, new = workflow(self.row), workflow(self.row.replace("n15 ", "n15:klingVideoNode "))
        assert len(draw(diff(old, new), view="all").scene.cards) == 30

    @given(st.data())
    @settings(max_examples=60, deadline=None)
    def test_no_cycle_is_made_and_nothing_marked_is_hidden(self, data):
        count = data.draw(st.integers(21, 26))
        pairs = st.tuples(*[st.integers(0, count - 1)] * 2).filter(lambda ends: ends[0] < ends[1])
        edges = sorted(data.draw(st.sets(pairs, max_size=40)))
        changed = data.draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=3))
        old = lettered(count, edges)
        types = ["klingVideoNode" if i in changed else "fluxImageNode" for i in range(count)]
        scene = draw(diff(old, lettered(count, edges, types))).scene
        parts = [part for card in scene.cards for part in card.members]
        assert sorted(part.id for part in parts) == sorted(node.id for node in old.nodes)
        assert not [part for card in scene.cards for part in card.parts if part.mark]
        successors, _ = neighbor_lists(len(scene.cards), scene.pairs)
        assert len(topological_order(successors)) == len(scene.cards)
