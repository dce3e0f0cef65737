"""An SVG that needs no page: with a style of its own, and readable where styles are taken away."""

import re
from functools import cache
from hashlib import blake2b
from operator import itemgetter

from lamina_graph.render.palette import FONT, TITLE, Theme, Tone
from lamina_graph.render.svg.elements import svg_element
from lamina_graph.render.svg.page_fit import View
from lamina_graph.render.svg.stylesheet import rules, stylesheet_of

_TAG = re.compile(r'<(/?)(\w+)((?:[^<>"]|"[^"]*")*?)(/?)>')
_NAMES = re.compile(r'class="([^"]*)"')
_SCOPE = "lg-picture"
_PLAIN = {"font-family": FONT, "font-size": f"{TITLE:g}px", "stroke": "none"}
"""What elements inherit where nothing else is given."""

Compound = tuple[str, frozenset[str]]
"""What an element must be: of a tag, if any, and of classes."""


def standalone_element(
    head: str, body: str, size: tuple[float, float], label: str, theme: Theme, view: View | None = None
) -> str:
    """Return an SVG whose rules reach no other picture of a page: its class is made from all that it shows.

    Its parts have their looks as attributes too, in the light tone unless the theme is dark: what shows SVG
    without its style element, such as a strict policy of a server or e-mail, shows the same picture.
    """
    scope = f"lg-{blake2b((theme + body).encode(), digest_size=4).hexdigest()}"
    style = f"<style>{stylesheet_of(body, theme, f'.{scope}')}</style>"
    looks = add_attributes(body, "dark" if theme == "dark" else "light")
    looks = looks.replace(f'id="{_SCOPE}-', f'id="{scope}-')
    fonts = f'<g font-family="{FONT.replace(chr(34), chr(39))}" font-size="{_PLAIN["font-size"]}">'
    return svg_element(f"{head}{style}{fonts}{looks}</g>", size, label, scope, view)


def element_id(kind: str, number: int) -> str:
    """Return the id of an element, for a body of `standalone_element`, which makes it one of that picture."""
    return f"{_SCOPE}-{kind}{number}"


def add_attributes(body: str, tone: Tone) -> str:
    """Return the elements of a picture with what the rules of a tone say of each as attributes.

    >>> add_attributes('<g class="lg-same"><text class="lg-t">a</text></g>', "light")
    '<g class="lg-same"><text class="lg-t" fill="#566070" font-weight="normal">a</text></g>'
    """
    ancestors: list[frozenset[str]] = []

    def element(match: re.Match[str]) -> str:
        end, tag, attributes, empty = match.groups()
        if end:
            ancestors.pop()
            return match[0]
        given = _NAMES.search(attributes)
        names = frozenset(given[1].split()) if given else frozenset()
        added = _attributes(tone, tag, names, frozenset(ancestors))
        if not empty:
            ancestors.append(names)
        return f"<{tag}{attributes}{added}{empty}>"

    return _TAG.sub(element, body)


@cache
def _attributes(tone: Tone, tag: str, names: frozenset[str], ancestors: frozenset[frozenset[str]]) -> str:
    """The attributes of an element: of each property what the most specific rule says."""
    if tag in ("g", "title", "svg"):
        return ""
    values: dict[str, str] = {}
    for outer, (own_tag, own), properties in _matchers(tone):
        if (
            own_tag in ("", tag)
            and own <= names
            and all(any(each <= of for of in ancestors) for each in outer)
        ):
            values |= properties
    kept = {key: value for key, value in values.items() if _PLAIN.get(key) != value}
    return "".join(f' {key}="{value}"' for key, value in sorted(kept.items()))


@cache
def _matchers(tone: Tone) -> list[tuple[list[frozenset[str]], Compound, dict[str, str]]]:
    """The rules, the most specific last: of ancestors, of the element, and properties."""
    rows = []
    for place, (selectors, body) in enumerate(rules(tone)):
        properties = dict(part.split(":", 1) for part in body.split(";"))
        for selector in selectors.split(","):
            *outer, own = map(_compound, selector.split())
            classes = sum(len(names) for _, names in (*outer, own))
            order = classes, sum(bool(tag) for tag, _ in (*outer, own)), place
            rows.append((order, [names for _, names in outer], own, properties))
    return [row[1:] for row in sorted(rows, key=itemgetter(0))]


def _compound(text: str) -> Compound:
    tag, *names = text.split(".")
    return tag, frozenset(names)
