"""No reader breaks on what is almost right; `python tests/fuzz.py` tries far more than is tried here."""

import random

import pytest
from fuzz import READERS, Reader, fuzz

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
