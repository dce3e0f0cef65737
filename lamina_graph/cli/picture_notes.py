"""What a picture does not show, said on stderr, and how to see it."""

from typing import TYPE_CHECKING

from lamina_graph.cli import output

if TYPE_CHECKING:
    from lamina_graph.render import Picture

GITHUB_LIMITS = "GitHub draws Mermaid up to 500 edges and 50,000 characters"


def note_limits(picture: "Picture", form: str, collapse: bool, prefix: str = "") -> None:
    """Say on stderr, after a prefix, what a picture does not show, and how to see it."""
    if form in ("png", "pdf") and picture.missing_scripts:
        output.print_note(
            f"{prefix}No font on this machine has {', '.join(picture.missing_scripts)}: its characters are "
            "drawn as boxes. Install one, for instance with `apt install fonts-noto` or from https://notofonts.github.io."
        )
    if form in ("svg", "png", "pdf") and picture.scene.bands and not picture.drawn.bands:
        output.print_note(f"{prefix}no bands drawn: there are fewer than two stages, or two share a column")
    smaller = "--focus ID makes it smaller" if collapse else "--collapse or --focus ID make it smaller"
    if form in ("svg", "png", "pdf") and picture.page.width and not picture.is_legible:
        output.print_note(
            f"{prefix}labels are {picture.drawn.label_size:.1f} px in {picture.page.place}, not 9: {smaller}"
        )
    if picture.scene.subtitle.endswith("not drawn"):
        output.print_note(
            f"{prefix}{picture.scene.subtitle.split(' · ')[-1]}: a picture has up to 30,000 of each"
        )
    if form == "mermaid":
        note_beyond_github(picture, smaller, prefix)
    note_folds(picture, "" if collapse else "--no-fold draws every node, --collapse the stages alone", prefix)


def note_folds(picture: "Picture", hint: str, prefix: str = "") -> None:
    """Say on stderr, after a prefix, what of a picture is folded, and how to see it."""
    if picture.folds:
        output.print_note(f"{prefix}{picture.folds}{'; ' if hint else ''}{hint}")


def note_beyond_github(picture: "Picture", hint: str, prefix: str = "") -> None:
    """Say on stderr that GitHub will not draw a Mermaid flowchart, and what makes it smaller."""
    if picture.beyond_github:
        output.print_note(f"{prefix}{GITHUB_LIMITS}; this has {picture.beyond_github}: {hint}")
