"""What one's own code is said to use and no app has: it stands under `unknown`, beside the changes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from lamina_graph.diff import ComparisonPolicy, KnownApp, unknown_usage
from lamina_graph.history.results import Changes, Unknown

C = TypeVar("C", bound=Changes)


def with_unknown_usage(apps: Sequence[KnownApp], policy: ComparisonPolicy, compare: Callable[..., C]) -> C:
    """Return changes; what one's own code is said to use and no app has stands under `unknown`."""
    if policy.usage is None:
        return compare(policy=policy)
    result = compare(policy=replace(policy, usage=policy.usage.among(apps)))
    reasons = {each.why for each in result.unknown}
    missing = [
        Unknown(
            at=result.until,
            app_id=app.ids[0] if app else None,
            name=app.names[0] if app and app.names else None,
            why=why,
        )
        for app, why in unknown_usage(policy.usage, list(apps))
        if why not in reasons
    ]
    return result.model_copy(update={"unknown": (*result.unknown, *missing)})
