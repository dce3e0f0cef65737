"""A first account of what one's own code uses, from the bodies of its runs."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any

from lamina_graph.diff import AppUsage, Usage
from lamina_graph.errors import InputError
from lamina_graph.files import parse
from lamina_graph.model import App

Body = Mapping[str, Any]
_NO_BODY = "A body is what POST /v1/apps/{appId}/runs takes, or what GET /v1/runs/{runId} answers."


def bodies(content: bytes, name: str) -> list[Body]:
    """Return the bodies of runs that a file holds: one, in the API's envelope or bare, or a list of them.

    Args:
        content: of the file.
        name: what to call it in an error.

    Raises:
        InputError: it holds something else.

    >>> bodies(b'{"data": {"workflowId": "a"}}', "run.json")
    [{'workflowId': 'a'}]
    """
    try:
        data = parse(content)
    except ValueError as error:
        raise InputError(f"{name}: not JSON: {error}", _NO_BODY) from error
    if isinstance(data, Mapping) and "data" in data:
        data = data["data"]
    runs = data if isinstance(data, list) else [data]
    if not runs or not all(isinstance(run, Mapping) and "nodes" not in run for run in runs):
        raise InputError(f"{name}: neither a request that starts a run nor its answer", _NO_BODY)
    return runs


def from_bodies(
    runs: Iterable[Body], app: str | None = None, detail: Callable[[str], App | None] = lambda app_id: None
) -> Usage:
    """Return what runs used: of each app the inputs, the options chosen, the outputs.

    Args:
        runs: the bodies.
        app: the id of the app of those that do not name theirs.
        detail: the detail of an app, where it is known: options are taken only for parameters that have some.

    Raises:
        InputError: a body that does not name its app.
    """
    of_app: dict[str, list[Body]] = {}
    for body in runs:
        app_id = body.get("appId") or body.get("workflowId") or app
        if not isinstance(app_id, str):
            raise InputError("a body names no app", "Name it with --app ID, or put `appId` into the file.")
        of_app.setdefault(app_id, []).append(body)
    return Usage(apps=tuple(_summarize(app_id, of_app[app_id], detail(app_id)) for app_id in sorted(of_app)))


def toml(uses: Usage) -> str:
    """Return uses as the TOML file that `--uses` reads.

    >>> print(toml(Usage(apps=(AppUsage(id="a", inputs=("photo",), options={"style": ("bold",)}),))))
    # What our code uses of Lamina apps. A change is breaking only where it touches this.
    <BLANKLINE>
    [[app]]
    id = "a"
    inputs = ["photo"]
    [app.options]
    "style" = ["bold"]
    <BLANKLINE>
    """
    lines = ["# What our code uses of Lamina apps. A change is breaking only where it touches this."]
    for use in uses.apps:
        lines += ["", "[[app]]"]
        for name in ("id", "name", "inputs", "sometimes", "outputs"):
            value = getattr(use, name)
            if value is not None and (value != () or name != "sometimes"):
                lines.append(f"{name} = {_format_value(value)}")
        if use.options:
            options = (
                f"{_format_value(name)} = {_format_value(values)}" for name, values in use.options.items()
            )
            lines += ["[app.options]", *options]
    return "\n".join([*lines, ""])


def _summarize(app_id: str, runs: Sequence[Body], detail: App | None) -> AppUsage:
    sent = [run["inputs"] for run in runs if isinstance(run.get("inputs"), Mapping)]
    always = reduce(set.intersection, (set(inputs) for inputs in sent)) if sent else set()
    ever = {name for inputs in sent for name in inputs}
    with_options = {each.input_name for each in detail.parameters if each.options} if detail else set()
    names = [run.get("workflowName") or run.get("name") for run in runs]
    return AppUsage(
        id=app_id,
        name=next((name for name in names if isinstance(name, str)), detail.name if detail else None),
        inputs=tuple(sorted(always)) if sent else None,
        sometimes=tuple(sorted(ever - always)),
        options={name: _list_chosen(name, sent) for name in sorted(ever & with_options)},
        outputs=_list_outputs(runs),
    )


def _list_chosen(name: str, sent: Sequence[Body]) -> tuple[Any, ...]:
    chosen = [inputs[name] for inputs in sent if name in inputs]
    values = [value for each in chosen for value in (each if isinstance(each, list) else [each])]
    by_text = {json.dumps(value, sort_keys=True): value for value in values}
    return tuple(by_text[key] for key in sorted(by_text))


def _list_outputs(runs: Sequence[Body]) -> tuple[str, ...] | None:
    """Return the labels asked for or answered; None where a run asked for all there are."""
    labels: set[str] = set()
    for run in runs:
        if not isinstance(run.get("outputs"), list):
            return None
        asked = (each.get("label") if isinstance(each, Mapping) else each for each in run["outputs"])
        labels |= {label for label in asked if isinstance(label, str)}
    return tuple(sorted(labels))


def _format_value(value: Any) -> str:
    """A value of TOML, which has no null: in lists and tables it is left out."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(_format_value(each) for each in value if each is not None)}]"
    if isinstance(value, Mapping):
        fields = (
            f"{_format_value(name)} = {_format_value(each)}"
            for name, each in value.items()
            if each is not None
        )
        return f"{{ {', '.join(fields)} }}"
    if not isinstance(value, str):
        return json.dumps(value)
    # A basic string is JSON's, but for lone surrogates, which TOML cannot hold, and DEL.
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")
