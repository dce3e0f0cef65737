"""The inputs of a run, checked against the parameters of its app before anything is sent."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from lamina_graph.errors import InputError
from lamina_graph.model import App, Parameter, Value
from lamina_graph.validation_errors import suggest


class Request(Value):
    """The request that starts a run, once its inputs are checked."""

    app_id: str
    inputs: dict[str, Any]
    outputs: tuple[str, ...] = ()
    webhook: str | None = None


def build_request(
    app: App, given: Mapping[str, Any], outputs: Sequence[str] = (), *, webhook: str | None = None
) -> Request:
    """Return the request that starts an app, its inputs under the names that the API wants.

    Args:
        app: the app, with its parameters and outputs.
        given: values by a parameter's key, its id or its name, looked for in this order as the API does; a
            list where several are meant.
        outputs: the labels of the outputs that are wanted; all where none is given.
        webhook: where the API is to deliver the finished run.

    Raises:
        InputError: something does not fit; it names each such input and what was expected.

    >>> app = App.model_validate({"appId": "a", "name": "Cartoonify", "parameters": [
    ...     {"key": "photo", "name": "Your photo", "type": "url", "accept": ["image"]}]})
    >>> build_request(app, {"Your photo": "https://example.com/me.jpg"}).inputs
    {'photo': 'https://example.com/me.jpg'}
    >>> build_request(app, {"photo": "me.jpg"})
    Traceback (most recent call last):
    lamina_graph.errors.InputError: photo: expected the public URL of an image, found 'me.jpg': ...
    """
    inputs, problems = _assign_values(app, given)
    for parameter in app.parameters:
        problems += _find_problems(parameter, inputs)
    problems += _find_unknown_labels(app, outputs)
    if webhook is not None and not _is_web_address(webhook):
        problems.append(f"the webhook {webhook!r} is not an http:// or https:// address")
    if problems:
        raise InputError(
            "; ".join(problems), f"`lamina-graph app {app.app_id}` shows its inputs and outputs."
        )
    many = {parameter.input_name for parameter in app.parameters if parameter.multiple}
    return Request(
        app_id=app.app_id,
        inputs={name: _as_list(value) if name in many else value for name, value in inputs.items()},
        outputs=tuple(outputs),
        webhook=webhook,
    )


def parse_inputs(words: Sequence[str]) -> dict[str, Any]:
    """Return inputs from words of the form NAME=VALUE; a name that comes again has a list.

    Raises:
        InputError: a word has no `=`.

    >>> parse_inputs(["style=ink", "photo=https://a.example/1", "photo=https://a.example/2"])
    {'style': 'ink', 'photo': ['https://a.example/1', 'https://a.example/2']}
    """
    inputs: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise InputError(f"{word!r} is not an input", "Write NAME=VALUE, such as -i photo=https://...")
        inputs[name] = [*_as_list(inputs[name]), value] if name in inputs else value
    return inputs


def _assign_values(app: App, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the values under the names that the API wants, and what is wrong with the names."""
    names = {parameter.name: parameter.input_name for parameter in app.parameters}
    names |= {parameter.id: parameter.input_name for parameter in app.parameters if parameter.id}
    names |= {parameter.input_name: parameter.input_name for parameter in app.parameters}
    inputs: dict[str, Any] = {}
    problems = []
    for name, value in given.items():
        if name not in names:
            problems.append(f"there is no input {name!r}{_hint_at(name, names)}")
        elif names[name] in inputs:
            problems.append(f"{names[name]} is given twice, under two of its names")
        else:
            inputs[names[name]] = value
    return inputs, problems


def _find_problems(parameter: Parameter, inputs: Mapping[str, Any]) -> Iterator[str]:
    name = parameter.input_name
    if name not in inputs:
        if parameter.must_be_supplied:
            yield f"{name} is missing: expected {_describe_type(parameter)}"
        return
    values = _as_list(inputs[name])
    if len(values) != 1 and not parameter.multiple:
        yield f"{name} takes one value, and {len(values)} were given"
        return
    for value in values:
        if problem := _find_problem(parameter, value):
            yield f"{name}: {problem}"


def _find_problem(parameter: Parameter, value: Any) -> str:
    """Return what is wrong with a value, by the type of its parameter; other types are left to the API."""
    match parameter.type:
        case "text" if not isinstance(value, str):
            return f"expected text, found {value!r}"
        case "options":
            labels = _list_labels(parameter)
            if labels and str(value) not in labels:
                hint = _hint_at(str(value), labels)
                return f"{value!r} is none of its options{hint} (they are {', '.join(labels)})"
        case "url":
            expected = f"expected {_describe_type(parameter)}"
            if not isinstance(value, str) or not _is_web_address(value):
                return f"{expected}, found {value!r}: upload the file somewhere first"
            if not _is_public(urlsplit(value).hostname or ""):
                return f"{expected}; {value!r} can be reached only from your own network"
    return ""


def _describe_type(parameter: Parameter) -> str:
    if parameter.type == "options":
        return f"one of {', '.join(_list_labels(parameter))}"
    if parameter.type == "url":
        kinds = " or ".join(parameter.accept or ("file",))
        return f"the public URL of {'an' if kinds[0] in 'aeiou' else 'a'} {kinds}"
    return parameter.type


def _list_labels(parameter: Parameter) -> list[str]:
    options = parameter.options or ()
    return [str(option.get("label", option) if isinstance(option, dict) else option) for option in options]


def _find_unknown_labels(app: App, outputs: Sequence[str]) -> Iterator[str]:
    labels = [output.label for output in app.outputs if output.label]
    for label in outputs:
        if labels and label not in labels:
            yield f"there is no output {label!r}{_hint_at(label, labels)}"


def _hint_at(word: str, known: Sequence[str] | Mapping[str, str]) -> str:
    near = suggest(word, known)
    return f" (did you mean {near}?)" if near else ""


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
        return known and text.isprintable() and " " not in text
    except ValueError:
        return False


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".internal"))
