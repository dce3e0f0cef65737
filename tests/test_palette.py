"""Colours stand apart for every reader, in both themes, and never alone."""

from itertools import combinations

import pytest

from lamina_graph.render import stylesheet
from lamina_graph.render.palette import (
    MARKS,
    MODALITIES,
    PAPERS,
    ROLES,
    SCALE,
    SIGNS,
    STATES,
    contrast,
    mix,
)


class TestThemes:
    def test_auto_is_light_and_follows_a_reader_who_prefers_dark(self):
        light, dark, auto = (stylesheet(theme) for theme in ("light", "dark", "auto"))
        assert auto == f"{light}@media(prefers-color-scheme:dark){{{dark}}}"

    def test_a_scope_holds_every_rule(self):
        rules = [part for part in stylesheet("dark", ":root[data-theme=dark]").split("}") if part]
        selectors = [one for rule in rules for one in rule.split("{")[0].split(",")]
        assert all(one.startswith(":root[data-theme=dark] .lg ") for one in selectors)

    @pytest.mark.parametrize("tone", ["light", "dark"])
    def test_text_is_legible_on_every_card(self, tone):
        """WCAG 2.2 AA: 4.5 for text."""
        paper = PAPERS[tone]
        faces = [mix(look.color(tone), paper.card, 0.09) for look in (*ROLES.values(), *SIGNS.values())]
        grounds = (paper.paper, paper.card, *faces)
        assert min(contrast(ink, ground) for ink in (paper.ink, paper.soft) for ground in grounds) >= 4.5

    @pytest.mark.parametrize("tone", ["light", "dark"])
    def test_glyphs_and_lines_stand_out(self, tone):
        """WCAG 2.2 AA: 3 for graphics that carry meaning."""
        paper = PAPERS[tone]
        looks = [*ROLES.values(), *SIGNS.values()]
        assert min(contrast(paper.card, look.color(tone)) for look in looks) >= 3
        assert contrast(paper.line, paper.paper) >= 3

    @pytest.mark.parametrize("tone", ["light", "dark"])
    @pytest.mark.parametrize("kind", ["protanopia", "deuteranopia", "tritanopia", "trichromacy"])
    def test_colours_differ_for_readers_with_colour_blindness(self, tone, kind):
        """At least 14 apart in CIE L*a*b* within a table, as the colours look to each kind of reader."""
        for table in (ROLES, MARKS, STATES, MODALITIES):
            seen = [lab(simulated(look.color(tone), kind)) for look in table.values()]
            assert min(distance(*pair) for pair in combinations(seen, 2)) > 14

    @pytest.mark.parametrize("tone", ["light", "dark"])
    def test_lines_coloured_by_what_they_carry_stand_out(self, tone):
        """WCAG 2.2 AA: 3 for graphics that carry meaning."""
        paper = PAPERS[tone].paper
        assert min(contrast(paper, look.color(tone)) for look in MODALITIES.values()) >= 3

    @pytest.mark.parametrize("tone", ["light", "dark"])
    def test_a_colour_scale_has_rising_contrast(self, tone):
        shades = [contrast(look.color(tone), PAPERS[tone].card) for look in SCALE]
        assert shades == sorted(shades)

    def test_every_colour_has_a_sign_of_its_own(self):
        for table in (ROLES, MODALITIES, MARKS, STATES):
            assert len({look.glyph for look in table.values()}) == len(table)


# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
VISION = {
    "trichromacy": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def simulated(colour, kind):
    """Linear RGB of a colour as a reader of some colour vision sees it."""
    values = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return [min(max(sum(m * v for m, v in zip(row, linear, strict=True)), 0), 1) for row in VISION[kind]]


def lab(linear):
    """CIE L*a*b* (D65) of linear RGB."""
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = (sum(m * v for m, v in zip(row, linear, strict=True)) for row in rows)
    x, y, z = (
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
        for t in (v / white for v, white in zip(xyz, (0.95047, 1.0, 1.08883), strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(first, second):
    return sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5
