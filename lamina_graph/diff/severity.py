"""From unrated changes to rated ones: severity, fingerprint, acceptance, order; and the gate."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, get_args

from pydantic import ValidationError

from lamina_graph.diff.change_rules import RULES
from lamina_graph.diff.detection import UnratedChange
from lamina_graph.diff.known_app import KnownApp
from lamina_graph.diff.policy import ComparisonPolicy
from lamina_graph.diff.values import SEVERITIES, Acceptance, Accepted, Change, CreditChange, Diff, Level
from lamina_graph.errors import ConfigError, InputError
from lamina_graph.validation_errors import first_error, suggest, unknown_text

_CONFIG = ".lamina-graph.toml"
_ORDER = {id_: place for place, id_ in enumerate(RULES)}


def rate_changes(
    unrated: Iterable[UnratedChange], app: KnownApp, policy: ComparisonPolicy
) -> tuple[Change, ...]:
    """Return the changes, the worst first, without those of rules that the user ignores.

    Args:
        unrated: the changes.
        app: by what it may be known, its newest version first.
        policy: what severities and acceptances are to be minded.
    """
    today = policy.today
    valid = [each for each in policy.acceptances if not (today and each.until and each.until < today)]
    apps = {*app.ids, *app.names}
    counts: Counter[str] = Counter()
    changes = []
    for change in sorted(unrated, key=_sort_key):
        counted = [each for each in change.sources if _choose_level(each, policy) != "ignore"]
        fingerprints = [_fingerprint(each, app.ids[0] if app.ids else None, counts) for each in counted]
        if counted:
            pairs = zip(counted, fingerprints, strict=True)
            accepted = next((a for each, f in pairs for a in valid if a.covers(apps, each.rule, f)), None)
            severity = min((_choose_level(each, policy) for each in counted), key=SEVERITIES.index)
            changes.append(_build_change(counted, severity, fingerprints[0], accepted))
    return tuple(
        sorted(changes, key=lambda c: (SEVERITIES.index(c.severity), _ORDER[c.rule], c.text, c.nodes))
    )


def _choose_level(change: UnratedChange, policy: ComparisonPolicy) -> Level:
    rule = RULES[change.rule]
    default = rule.severity if change.live or rule.off_path is None else rule.off_path
    return policy.severities.get(change.rule, default)


def _build_change(
    counted: Sequence[UnratedChange], severity: Level, fingerprint: str, acceptance: Acceptance | None
) -> Change:
    """Return a change of one source or of two: then the contract says what it is, the graph which edits."""
    change, edits = replace(counted[0], duplicate=None), counted[-1]
    if len(counted) > 1:
        change = replace(change, duplicate=edits)
    return Change(
        rule=change.rule,
        also=edits.rule if change.duplicate else None,
        severity=severity,
        text=change.sentence,
        nodes=edits.nodes,
        subject=change.subject,
        before=change.before,
        after=change.after,
        parts=tuple(edits.parts),
        edges=edits.edges,
        fingerprint=fingerprint,
        accepted=Accepted(reason=acceptance.reason, until=acceptance.until) if acceptance else None,
    )


def _sort_key(change: UnratedChange) -> str:
    """Return all that a change says, as one text: an order of changes that no order in a file decides."""
    rows = [
        [each.rule, each.nodes, each.before, each.after, each.subject, each.text, *each.parts]
        for each in change.sources
    ]
    return json.dumps(rows, sort_keys=True)


def _fingerprint(change: UnratedChange, app: str | None, counts: Counter[str]) -> str:
    """Return 12 hex digits of what the change is about; order in a file and wording have no part in it.

    Of changes that are about the same in all this, two removed outputs of one label, each but the first is
    told apart by its number among them.
    """
    about = [app, change.rule, sorted(change.nodes), change.before, change.after]
    about += [] if change.subject is None else [change.subject]
    key = json.dumps(about, sort_keys=True)
    counts[key] += 1
    ordinal = "" if counts[key] == 1 else f"#{counts[key]}"
    return sha256((key + ordinal).encode()).hexdigest()[:12]


def read_severities(section: Mapping[str, Any], source: str = _CONFIG) -> dict[str, Level]:
    """Return what the `severity` table of a configuration's `[diff]` section makes of the rules.

    Raises:
        ConfigError: a rule or a level that does not exist.

    >>> read_severities({"severity": {"node-retyped": "breaking", "layout-changed": "ignore"}})
    {'node-retyped': 'breaking', 'layout-changed': 'ignore'}
    """
    for name in sorted(section.keys() - {"severity", "ignore"}):
        raise ConfigError(source, f"diff.{name}", unknown_text(name, ["ignore", "severity"]))
    table = section.get("severity", {})
    if not isinstance(table, Mapping):
        raise ConfigError(source, "diff.severity", "expected a table: a rule and its severity on each line")
    for rule, level in table.items():
        if rule not in RULES:
            raise ConfigError(source, f"diff.severity.{rule}", f"there is no such rule{_hint_at(rule)}")
        if level not in get_args(Level):
            raise ConfigError(
                source,
                f"diff.severity.{rule}",
                f"expected one of {', '.join(get_args(Level))}, found {level!r}",
            )
    return dict(table)


def read_ignored_fields(section: Mapping[str, Any], source: str = _CONFIG) -> tuple[str, ...]:
    """Return the patterns of fields that the `ignore` list of a configuration's `[diff]` section names.

    Raises:
        ConfigError: it is no list of paths.

    >>> read_ignored_fields({"ignore": ["data.updatedAt", "data.*Cache"]})
    ('data.updatedAt', 'data.*Cache')
    """
    patterns = section.get("ignore", [])
    if not isinstance(patterns, list) or not all(isinstance(each, str) and each for each in patterns):
        raise ConfigError(source, "diff.ignore", 'expected a list of fields, such as ["data.updatedAt"]')
    return tuple(patterns)


def read_acceptances(tables: Iterable[Mapping[str, Any]], source: str = _CONFIG) -> tuple[Acceptance, ...]:
    """Return the known changes that the `[[accept]]` tables of a configuration name.

    Raises:
        ConfigError: a table that names nothing, gives no reason, or names a rule that does not exist.

    >>> read_acceptances([{"fingerprint": "0123456789ab", "reason": "planned"}])[0].reason
    'planned'
    """
    return tuple(_read_acceptance(place, table, source) for place, table in enumerate(tables))


def _read_acceptance(place: int, table: Mapping[str, Any], source: str) -> Acceptance:
    try:
        acceptance = Acceptance.model_validate(table)
    except ValidationError as error:
        raise ConfigError(source, *first_error(error, f"accept[{place}]", tables=Acceptance)) from error
    rule = acceptance.rule
    if rule is not None and rule not in RULES:
        raise ConfigError(source, f"accept[{place}].rule", f"there is no rule {rule!r}{_hint_at(rule)}")
    return acceptance


def _hint_at(rule: str) -> str:
    near = suggest(rule, RULES)
    return f"; did you mean `{near}`?" if near else ""


_CREDITS = re.compile(r"credits\s*>\s*\+?(\d+(?:\.\d+)?)\s*(%?)")


def check_gate(diff: Diff, fail_on: str) -> tuple[str, ...]:
    """Return why the gate is hit: one sentence a reason, none where it is not.

    Accepted changes do not count.

    Args:
        diff: what changed.
        fail_on: `breaking`, `risky` or `cosmetic` (hit from that severity on), or `credits>+10%`,
            `credits>+5` (hit where a run costs that much more).

    Raises:
        InputError: the gate cannot be read, or asks for credits that are not known.

    >>> import lamina_graph as lg
    >>> old = lg.load({"nodes": [{"id": "a", "type": "klingVideoNode"}], "edges": []})
    >>> new = lg.load({"nodes": [], "edges": []})
    >>> check_gate(lg.diff(old, new), "breaking")
    ('breaking: Deliverable removed: Kling Video (video)',)
    >>> check_gate(lg.diff(old, old), "cosmetic")
    ()
    """
    if fail_on in SEVERITIES:
        worst = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
        return tuple(f"{each.severity}: {each.text}" for each in diff.counted if each.severity in worst)
    return check_credits(diff.credits, fail_on)


def read_gate(fail_on: str) -> tuple[float, bool] | None:
    """Return by how much a run may cost more, and whether as a share in percent; None for a severity.

    Raises:
        InputError: the gate cannot be read.

    >>> read_gate("credits>+10%"), read_gate("risky")
    ((10.0, True), None)
    """
    if fail_on in SEVERITIES:
        return None
    limit = _CREDITS.fullmatch(fail_on.strip())
    if limit is None:
        raise InputError(
            f"invalid gate {fail_on!r}",
            "A gate is breaking, risky, cosmetic, or for instance 'credits>+10%'.",
        )
    return float(limit[1]), limit[2] == "%"


def check_credits(credits: CreditChange | None, fail_on: str) -> tuple[str, ...]:
    """Return why a gate on credits is hit; empty where it is not.

    Raises:
        InputError: the gate cannot be read, or the credits are not known.
    """
    gate = read_gate(fail_on)
    assert gate
    if credits is None:
        raise InputError(
            "the gate on credits cannot be decided: an estimate is missing",
            "Give both with --old-estimate and --new-estimate; `lamina-graph app REF --json` prints one.",
        )
    limit, share = gate
    before, after = credits.before, credits.after
    allowed = before * (1 + limit / 100) if share else before + limit
    if after <= allowed:
        return ()
    return (f"credits: a run costs {after:g}, more than the {allowed:g} allowed ({before:g} before)",)
