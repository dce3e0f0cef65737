"""Whether a diff is to stop a pipeline."""

import re

from lamina_graph.diff.values import SEVERITIES, Diff
from lamina_graph.errors import InputError

_CREDITS = re.compile(r"credits\s*>\s*\+?(\d+(?:\.\d+)?)\s*(%?)")


def gate(found: Diff, fail_on: str) -> tuple[str, ...]:
    """Return why the gate is hit: one sentence a reason, none where it is not.

    Accepted changes do not count.

    Args:
        found: the diff.
        fail_on: `breaking`, `risky` or `cosmetic` (hit from that severity on), or `credits>+10%`,
            `credits>+5` (hit where a run costs that much more).

    Raises:
        InputError: the gate cannot be read, or asks for credits that are not known.

    >>> from lamina_graph.diff import diff
    >>> from lamina_graph.files import load
    >>> old = load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> new = load({"nodes": [], "edges": []})
    >>> gate(diff(old, new), "breaking")
    ('breaking: Deliverable removed: Kling Video (video)',)
    >>> gate(diff(old, old), "cosmetic")
    ()
    """
    if fail_on in SEVERITIES:
        worst = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
        return tuple(f"{each.severity}: {each.text}" for each in found.counted if each.severity in worst)
    limit = _CREDITS.fullmatch(fail_on.strip())
    if limit is None:
        raise InputError(
            f"invalid gate {fail_on!r}",
            "A gate is breaking, risky, cosmetic, or for instance 'credits>+10%'.",
        )
    return _credits(found, float(limit[1]), limit[2] == "%")


def _credits(found: Diff, limit: float, share: bool) -> tuple[str, ...]:
    if found.credits is None:
        raise InputError(
            "the gate on credits cannot be decided: an estimate is missing",
            "Give both with --old-estimate and --new-estimate; `lamina-graph app REF --json` prints one.",
        )
    before, after = found.credits.before, found.credits.after
    allowed = before * (1 + limit / 100) if share else before + limit
    if after <= allowed:
        return ()
    return (f"credits: a run costs {after:g}, more than the {allowed:g} allowed ({before:g} before)",)
