"""A run in words: how far it is, how good its result was found, what its outputs are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina_graph.model import Run, RunOutput


def count_outputs(run: "Run") -> str:
    """Return how many of a run's outputs are there, and how many failed."""
    done = sum(each.state == "done" for each in run.outputs)
    failed = f", {len(run.failures)} failed" if run.failures else ""
    return f"{done} of {len(run.outputs)} outputs{failed}"


def describe_progress(run: "Run") -> str:
    """Return how a run stands, in one line.

    >>> from lamina_graph.model import Run
    >>> describe_progress(Run(run_id="r", status="running", progress={"percentComplete": 40}))
    'running · 0 of 0 outputs · 40%'
    """
    percent = _number(_field(run.progress, "percentComplete"))
    parts = [run.status, count_outputs(run), *([f"{percent:g}%"] if percent is not None else [])]
    return " · ".join(parts)


def describe_quality(run: "Run") -> str:
    """Return how good the result of a run was found; empty where the API does not say.

    >>> from lamina_graph.model import Run
    >>> quality = {"score": 0.62, "threshold": 0.7, "passed": False, "attempts": 3}
    >>> describe_quality(Run.model_validate({"runId": "r", "status": "completed", "quality": quality}))
    'quality 0.62 of 0.7 wanted: not passed, after 3 attempts'
    """
    quality = (run.model_extra or {}).get("quality")
    score, threshold, attempts = (_number(_field(quality, key)) for key in ("score", "threshold", "attempts"))
    passed = _field(quality, "passed")
    if not isinstance(quality, Mapping) or (score is None and not isinstance(passed, bool)):
        return ""
    mark = "not scored" if score is None else f"{score:g}"
    wanted = f" of {threshold:g} wanted" if threshold is not None else ""
    verdict = {True: ": passed", False: ": not passed"}[passed] if isinstance(passed, bool) else ""
    tries = f", after {attempts:g} attempts" if attempts and attempts > 1 else ""
    return f"quality {mark}{wanted}{verdict}{tries}"


def describe_media(output: "RunOutput") -> str:
    """Return the size and the length of an output, as far as the API says them.

    >>> from lamina_graph.model import RunOutput
    >>> size = {"width": 1080, "height": 1920}
    >>> describe_media(RunOutput.model_validate({"dimensions": size, "durationSeconds": 5.04}))
    '1080×1920 · 5.04 s'
    """
    extra = output.model_extra or {}
    width, height = (_number(_field(extra.get("dimensions"), key)) for key in ("width", "height"))
    seconds = _number(extra.get("durationSeconds"))
    size = [f"{width:g}×{height:g}"] if width is not None and height is not None else []
    return " · ".join([*size, *([f"{seconds:g} s"] if seconds is not None else [])])


def _field(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
