"""How a page that loads nothing is made from a template, a style and a script."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from lamina_graph.text import elide, one_line, pluralize

if TYPE_CHECKING:
    import jinja2
    import markupsafe

_PIECES = 4_000
"""What a template prints in one go: pieces of a few kilobytes."""


def render_page(template: str, style: str, script: str = "", *, carried: str = "", **values: Any) -> str:
    """Return a page as `generate_page` yields it."""
    return "".join(generate_page(template, style, script, carried=[carried] if carried else (), **values))


def generate_page(
    template: str, style: str, script: str = "", *, carried: Iterable[str] = (), **values: Any
) -> Iterator[str]:
    """Yield, in pieces, a page under whose policy this style and this script hold, and nothing else.

    Args:
        template: its name in the folder of templates; it fills the blocks of `base.html`.
        style: the CSS beside that of every page.
        script: the JavaScript beside that of every page that has some and a button `theme`; none where not
            given.
        carried: the element of what the page is about, in pieces, which can be read back from it.
        values: what else the template prints; text that nobody marked as safe is escaped. With a `folder`
            the script, and it alone, may load others.
    """
    style = asset("base.css") + style
    script = script and asset("base.js") + script
    page = _environment().get_template(template)
    policy = _policy(style, script, loads=bool(values.get("folder")))
    pieces = page.stream(policy=policy, style=style, script=script, carried=carried, **values)
    pieces.enable_buffering(_PIECES)
    return pieces


def macro(template: str, name: str, **values: Any) -> Callable[..., str]:
    """Return a macro of a template as a function, which prints the values given here beside its own."""
    function: Callable[..., str] = getattr(_environment().get_template(template).make_module(values), name)
    return function


def asset(name: str) -> str:
    """Return a file of the folder of templates."""
    return files("lamina_graph.report").joinpath("templates", name).read_text(encoding="utf-8")


def diagram_stylesheet() -> str:
    """Return the CSS of all pictures, for a page whose root may have `data-theme`; paper is always light."""
    from lamina_graph.render import stylesheet as css

    chosen, own = css("dark", ":root[data-theme=dark]"), css("dark", ":root:not([data-theme=light])")
    return f"{css('light')}@media screen{{{chosen}}}@media screen and (prefers-color-scheme:dark){{{own}}}"


def _policy(style: str, script: str, *, loads: bool) -> str:
    """Return what a page may run and load; a page opened from a disk has no origin that could be named."""
    others = " 'strict-dynamic'" if loads else ""
    scripts = f"; script-src 'sha256-{_digest(script)}'{others}" if script else ""
    return (
        f"default-src 'none'; style-src 'sha256-{_digest(style)}'{scripts}; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


@cache
def _environment() -> "jinja2.Environment":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lamina_graph.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"pluralize": pluralize, "elide": elide, "whole": _whole}
    return environment


def _whole(text: str) -> "markupsafe.Markup":
    """Return text for a page with the blanks at its ends, which what is printed otherwise loses."""
    import markupsafe

    ends = len(text) - len(text.lstrip()), len(text) - len(text.rstrip())
    return markupsafe.Markup("{}{}{}").format(
        " " * bool(ends[0]), one_line(text), " " * bool(ends[1] and text.strip())
    )


def _plain(value: Any) -> Any:
    """What a template prints: text that nobody marked as safe, on one line and without what hides."""
    return one_line(value) if type(value) is str else value
