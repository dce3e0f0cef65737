"""Text for people says what it says: nothing in it is obeyed, hidden, or cut without a mark."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import ANY_TEXT

from lamina_graph.text import elide, escape_controls, join_words, one_line, truncate


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("ü 😀 नमस्ते", "ü 😀 नमस्ते"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\rb", "a\\rb"),
        ("abc\u202edef", "abc\\u202edef"),
        ("\u2066x\u2069\u200b", "\\u2066x\\u2069\\u200b"),
        ("\ud83d", "\\ud83d"),
        ("\x9b31m\x85", "\\x9b31m\\x85"),
        ("\U000e0041", "\\U000e0041"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("ad\u200dmin", "ad\\u200dmin"),
    ],
)
def test_control_characters_are_escaped(text: str, shown: str) -> None:
    assert escape_controls(text) == shown


@given(ANY_TEXT)
def test_escaped_text_can_be_printed_anywhere(text: str) -> None:
    shown = escape_controls(text)
    shown.encode()
    assert escape_controls(shown) == shown
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


@given(st.sampled_from([truncate, elide]), ANY_TEXT, st.integers(0, 8))
def test_text_that_fits_is_not_shortened(shorten: Callable[[str, int], str], text: str, more: int) -> None:
    assert shorten(text, len(text) + more) == text


@given(st.sampled_from([truncate, elide]), st.text(min_size=9), st.integers(1, 8))
def test_longer_text_has_a_mark_where_it_was_cut(
    shorten: Callable[[str, int], str], text: str, length: int
) -> None:
    shown = shorten(text.replace("…", "."), length)
    start, mark, end = shown.partition("…")
    assert (len(shown), mark) == (length, "…")
    assert text.replace("…", ".").startswith(start)
    assert text.replace("…", ".").endswith(end)


@given(ANY_TEXT)
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize(
    ("words", "most", "joined"),
    [
        ("", 3, ""),
        ("a", 3, "a"),
        ("abcd", 3, "a, b, c and d"),
        ("abcde", 3, "a, b, c and 2 more"),
        ("abcde", None, "a, b, c, d and e"),
    ],
)
def test_words_are_joined_as_in_a_sentence(words: str, most: int | None, joined: str) -> None:
    """One word is never left out for "1 more", which is as long as it."""
    assert join_words(words, most) == joined
