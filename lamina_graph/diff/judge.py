"""From what was told to changes: severity, fingerprint, acceptance, order; and the user's word on each."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any, Protocol, get_args

from pydantic import ValidationError

from lamina_graph.diff.draft import Draft
from lamina_graph.diff.policy import ComparisonPolicy
from lamina_graph.diff.rules import RULES
from lamina_graph.diff.values import SEVERITIES, Acceptance, Accepted, Change, Level
from lamina_graph.errors import ConfigError
from lamina_graph.validation import first_error, suggest


class Named(Protocol):
    """What a change is told of: an app, as it is called in an acceptance."""

    @property
    def app_id(self) -> str | None: ...  # noqa: D102

    @property
    def name(self) -> str | None: ...  # noqa: D102


_CONFIG = ".lamina-graph.toml"
_ORDER = {id_: place for place, id_ in enumerate(RULES)}


def judged(
    drafts: Iterable[Draft],
    sides: Sequence[Named],
    policy: ComparisonPolicy,
) -> tuple[Change, ...]:
    """Return the changes, the worst first, without those of rules that the user ignores."""
    today = policy.today
    valid = [each for each in policy.acceptances if not (today and each.until and each.until < today)]
    apps = {name for side in sides for name in (side.app_id, side.name) if name is not None}
    app = sides[1].app_id or sides[0].app_id
    levels = partial(_level, severities=policy.severities)
    heard = sorted((each for draft in drafts if (each := _heard(draft, levels))), key=_content)
    met: Counter[str] = Counter()
    found = []
    for draft in heard:
        fingerprints = {each.rule: _fingerprint(each, app, met) for each in draft.tellings}
        found.append(_change(draft, levels, fingerprints, apps, valid))
    return tuple(sorted(found, key=lambda c: (SEVERITIES.index(c.severity), _ORDER[c.rule], c.text, c.nodes)))


def _level(draft: Draft, severities: Mapping[str, Level]) -> Level:
    rule = RULES[draft.rule]
    default = rule.severity if draft.live or rule.elsewhere is None else rule.elsewhere
    return severities.get(draft.rule, default)


def _heard(draft: Draft, levels: Callable[[Draft], Level]) -> Draft | None:
    """Return what is left of a change without that of rules that the user ignores."""
    left = [each for each in draft.tellings if levels(each) != "ignore"]
    return replace(left[0], behind=left[1] if len(left) > 1 else None) if left else None


def _change(
    draft: Draft,
    levels: Callable[[Draft], Level],
    fingerprints: Mapping[str, str],
    apps: set[str],
    accept: Sequence[Acceptance],
) -> Change:
    """Return a change; where two are one, the worse severity holds, and the acceptance of either."""
    edits = draft.behind or draft
    by = next((a for a in accept for told in fingerprints.items() if a.covers(apps, *told)), None)
    return Change(
        rule=draft.rule,
        also=draft.behind and draft.behind.rule,
        severity=min(map(levels, draft.tellings), key=SEVERITIES.index),
        text=draft.sentence,
        nodes=edits.nodes,
        subject=draft.subject,
        before=draft.before,
        after=draft.after,
        parts=tuple(edits.parts),
        edges=edits.edges,
        fingerprint=fingerprints[draft.rule],
        accepted=Accepted(reason=by.reason, until=by.until) if by else None,
    )


def _content(draft: Draft) -> str:
    """What a change says, as one text: an order of changes that no order in a file decides."""
    return json.dumps(
        [
            [each.rule, each.nodes, each.before, each.after, each.subject, each.text, *each.parts]
            for each in draft.tellings
        ],
        sort_keys=True,
    )


def _fingerprint(draft: Draft, app: str | None, met: Counter[str]) -> str:
    """Return 12 hex digits of what the change is about; order in a file and wording have no part in it.

    Of changes that are about the same in all this, two removed outputs of one label, each but the first is
    told apart by its number among them.
    """
    about = [app, draft.rule, sorted(draft.nodes), draft.before, draft.after]
    about += [] if draft.subject is None else [draft.subject]
    key = json.dumps(about, sort_keys=True)
    met[key] += 1
    return sha256((key if met[key] == 1 else f"{key}#{met[key]}").encode()).hexdigest()[:12]


def severities(section: Mapping[str, Any], source: str = _CONFIG) -> dict[str, Level]:
    """Return what the `severity` table of a configuration's `[diff]` section makes of the rules.

    Raises:
        ConfigError: a rule or a level that does not exist.

    >>> severities({"severity": {"node-retyped": "breaking", "layout-changed": "ignore"}})
    {'node-retyped': 'breaking', 'layout-changed': 'ignore'}
    """
    for name in section.keys() - {"severity"}:
        raise ConfigError(source, f"diff.{name}", "there is only the table [diff.severity]")
    table = section.get("severity", {})
    if not isinstance(table, Mapping):
        raise ConfigError(source, "diff.severity", "expected a table: a rule and its severity on each line")
    for rule, level in table.items():
        if rule not in RULES:
            raise ConfigError(source, f"diff.severity.{rule}", f"there is no such rule{_meant(rule)}")
        if level not in get_args(Level):
            raise ConfigError(
                source,
                f"diff.severity.{rule}",
                f"expected one of {', '.join(get_args(Level))}, found {level!r}",
            )
    return dict(table)


def acceptances(tables: Iterable[Mapping[str, Any]], source: str = _CONFIG) -> tuple[Acceptance, ...]:
    """Return the known changes that the `[[accept]]` tables of a configuration name.

    Raises:
        ConfigError: a table that names nothing, gives no reason, or names a rule that does not exist.

    >>> acceptances([{"fingerprint": "0123456789ab", "reason": "planned"}])[0].reason
    'planned'
    """
    return tuple(_acceptance(place, table, source) for place, table in enumerate(tables))


def _acceptance(place: int, table: Mapping[str, Any], source: str) -> Acceptance:
    try:
        found = Acceptance.model_validate(table)
    except ValidationError as error:
        raise ConfigError(source, *first_error(error, f"accept[{place}]", tables=Acceptance)) from error
    if found.rule is not None and found.rule not in RULES:
        raise ConfigError(
            source, f"accept[{place}].rule", f"there is no rule {found.rule!r}{_meant(found.rule)}"
        )
    return found


def _meant(rule: str) -> str:
    near = suggest(rule, RULES)
    return f"; did you mean `{near}`?" if near else ""
