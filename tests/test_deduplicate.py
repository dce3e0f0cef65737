"""What the graph and the input contract both tell: one change where it is proved to be one, else two."""

from typing import Any

import pytest
from builders import workflow

from lamina_graph.diff import Acceptance, AppUsage, Change, ComparisonPolicy, Diff, Usage, Version, diff
from lamina_graph.model import App

NODES = {
    "photo": ("imageInputNode", "Product photo"),
    "mask": ("imageInputNode", "Mask URL"),
    "clip": ("klingVideoNode", "Clip"),
    "poster": ("fluxImageNode", "Poster"),
    "second": ("fluxImageNode", "Poster"),
}
CLIP, POSTER = {"label": "Clip", "type": "video"}, {"label": "Poster", "type": "image"}
PLAKAT = POSTER | {"label": "Plakat"}
PHOTO = {"key": "product_photo", "name": "Product photo", "type": "url", "accept": ["image"]}
MASK = {"key": "mask_url", "name": "Mask", "type": "url", "accept": ["image"], "default": "https://a.example"}
WHOLE = "photo > clip\nphoto > poster"


def version(chains: str, *entries: dict[str, Any]) -> Version:
    """Return a pipeline of some of the nodes, and a detail that names these entries."""
    known = {id_: {"type": type_, "label": label} for id_, (type_, label) in NODES.items()}
    outputs = [each for each in entries if "key" not in each]
    return Version(
        workflow(chains, known=known, appId="a"),
        App.model_validate(
            {
                "appId": "a",
                "name": "Reel",
                "parameters": [PHOTO, *(each for each in entries if "key" in each)],
                "outputs": [{**each, "index": place} for place, each in enumerate(outputs)],
            }
        ),
    )


def compare(old: Version, new: Version, **policy: Any) -> Diff:
    return diff(old, new, policy=ComparisonPolicy(**policy))


def rules_of_ends(found: Diff) -> list[str]:
    """The changes on inputs and deliverables, and those of the contract."""
    words = ("output", "deliverable", "parameter", "input")
    return sorted(
        f"{each.severity} {each.rule} {each.also or ''}".rstrip()
        for each in found.changes
        if each.rule.removeprefix("required-").startswith(words)
    )


BOTH = version(WHOLE, CLIP, POSTER)
LESS = version("photo > clip", CLIP)

PROVED = {
    "the same name": (
        BOTH,
        LESS,
        ["breaking output-removed deliverable-removed"],
        ["risky output-added deliverable-added"],
    ),
    "the id of the node": (
        version(WHOLE, CLIP, PLAKAT | {"nodeId": "poster"}, POSTER | {"type": "text"}),
        LESS,
        ["breaking output-removed", "breaking output-removed deliverable-removed"],
        ["risky output-added", "risky output-added deliverable-added"],
    ),
    "the only ones of a medium": (
        version(WHOLE, CLIP, PLAKAT),
        LESS,
        ["breaking output-removed deliverable-removed"],
        ["risky output-added deliverable-added"],
    ),
    "another name": (
        BOTH,
        version(f'{WHOLE}="Plakat"', CLIP, PLAKAT),
        ["breaking output-renamed deliverable-renamed"],
        ["breaking output-renamed deliverable-renamed"],
    ),
    "another type": (
        BOTH,
        version(f"{WHOLE}:veoVideoNode", CLIP, POSTER | {"type": "video"}),
        ["breaking output-type-changed deliverable-modality-changed"],
        ["breaking output-type-changed deliverable-modality-changed"],
    ),
    "an input": (
        version(f"{WHOLE}\nmask > poster", CLIP, POSTER, MASK),
        BOTH,
        ["breaking parameter-removed input-removed"],
        ["risky parameter-added input-added"],
    ),
}

UNPROVED = {
    "nodes that the contract does not name": (
        version(f'{WHOLE}\nphoto > second="Still"', CLIP, PLAKAT),
        version(WHOLE, CLIP),
        ["breaking deliverable-removed", "breaking output-removed"],
        ["risky deliverable-added", "risky output-added"],
    ),
    "another medium": (
        version(WHOLE, CLIP | {"label": "A"}, POSTER | {"label": "B"}),
        version("photo > clip", POSTER | {"label": "B"}),
        ["breaking deliverable-removed", "breaking output-removed"],
        ["risky deliverable-added", "risky output-added"],
    ),
    "two of one name": (
        version(f"{WHOLE}\nphoto > second", CLIP, POSTER, POSTER),
        LESS,
        ["breaking deliverable-removed"] * 2 + ["breaking output-removed"] * 2,
        ["risky deliverable-added"] * 2 + ["risky output-added"] * 2,
    ),
}


@pytest.mark.parametrize("name", [*PROVED, *UNPROVED])
def test_a_change_seen_in_graph_and_contract_is_reported_once(name: str):
    old, new, there, back = (PROVED | UNPROVED)[name]
    assert rules_of_ends(compare(old, new)) == there
    assert rules_of_ends(compare(new, old)) == back


def lost(**policy: Any) -> Change:
    """What is told of the poster, which both lose."""
    found = compare(BOTH, LESS, **policy).changes
    return next(each for each in found if each.rule in ("output-removed", "deliverable-removed"))


def test_a_merged_change_keeps_the_details_of_both_sources():
    change = lost()
    assert change.text == "Output and deliverable removed: Poster (image)"
    assert (change.subject, change.nodes) == ("Poster", ("poster",))
    assert change.edges.removed == (("photo", "poster"),)
    assert "node removed: Poster" in change.parts


def apart() -> dict[str, str]:
    """The fingerprints that both have where the other is not known."""
    graph = diff(BOTH.workflow, LESS.workflow).changes
    contract = diff(Version(LESS.workflow, BOTH.detail), LESS).changes
    return {each.rule: each.fingerprint for each in (*graph, *contract)}


def test_a_merged_change_keeps_the_fingerprint_of_the_contract():
    assert lost().fingerprint == apart()["output-removed"]


@pytest.mark.parametrize("rule", ["output-removed", "deliverable-removed"])
def test_a_merged_change_can_be_accepted_by_either_fingerprint(rule: str):
    assert lost(acceptances=[Acceptance(fingerprint=apart()[rule], reason="planned")]).accepted
    assert lost(acceptances=[Acceptance(app="a", rule=rule, reason="planned")]).accepted
    assert not lost(acceptances=[Acceptance(app="a", rule="output-renamed", reason="planned")]).accepted


@pytest.mark.parametrize(
    ("levels", "found"),
    [
        ({"output-removed": "cosmetic"}, ("breaking", "output-removed", "deliverable-removed")),
        (
            {"output-removed": "cosmetic", "deliverable-removed": "risky"},
            ("risky", "output-removed", "deliverable-removed"),
        ),
        ({"deliverable-removed": "ignore"}, ("breaking", "output-removed", None)),
        ({"output-removed": "ignore"}, ("breaking", "deliverable-removed", None)),
    ],
)
def test_a_merged_change_has_the_worse_severity_and_ignored_rules_are_left_out(
    levels: dict[str, Any], found: tuple[str, str, str | None]
):
    change = lost(severities=levels)
    assert (change.severity, change.rule, change.also) == found
    assert ("Output and deliverable" in change.text) == bool(change.also)


@pytest.mark.parametrize(
    ("used", "severity", "uses"),
    [("Poster", "breaking", ("output Poster",)), ("Clip", "risky", ())],
)
def test_a_merged_change_affects_the_output_that_it_names(used: str, severity: str, uses: tuple[str, ...]):
    found = compare(BOTH, LESS, usage=Usage(apps=(AppUsage(id="a", outputs=(used,)),)))
    [change] = (each for each in found.changes if each.also)
    assert (change.severity, change.uses) == (severity, uses)
