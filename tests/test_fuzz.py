"""No reader breaks on what is almost right; `python tests/fuzz.py` tries far more than is tried here."""

import json
import random
from typing import Any

import pytest
from fuzz import READERS, Reader, fuzz
from hypothesis import given
from strategies import broken_workflows

from lamina_graph.errors import WorkflowError
from lamina_graph.files import load

INPUTS = 40


@pytest.mark.parametrize(
    "reader", [each for each in READERS if each.name != "ref"], ids=lambda each: each.name
)
def test_what_inputs_are_made_from_is_read_as_it_is(reader: Reader) -> None:
    for seed in reader.seeds():
        reader.read(seed, seed)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_input_that_is_almost_right_is_read_or_refused(reader: Reader) -> None:
    done = fuzz(reader, random.Random(reader.name), inputs=INPUTS)
    assert [problem for _, problem in done.broken] == []
    assert done.read + done.refused == INPUTS


@given(broken_workflows())
def test_a_workflow_without_a_required_part_is_refused(raw: Any) -> None:
    with pytest.raises(WorkflowError, match="given: "):
        load(json.dumps(raw).encode(), "given")
