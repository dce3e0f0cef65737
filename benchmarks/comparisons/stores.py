"""Commands that read a store, and what a store takes."""

from datetime import timedelta
from pathlib import Path

from benchmarks.data import FIRST, app_id
from benchmarks.harness import Pair, Row, Scene, Turn, benchmark, command, cpu


@benchmark(
    "stores",
    Row("`report --all -f json` from a store of 5,000: peak memory", "1,000", "B", 1.2),
    Row("`changes` in a store of 5,000: peak memory", "1,000", "B", 1.2),
    Row("`history APP` in a store of 5,000: CPU", "1,000", wanted=1.2),
    rounds=3,
    seconds=45,
)
def stores(scene: Scene) -> Turn:
    """Read two stores of three nights."""
    urls = [scene.data.store(scene.size(5_000, 40)), scene.data.store(scene.size(1_000, 20))]
    until = (FIRST + timedelta(days=3)).isoformat()

    def turn() -> list[Pair]:
        reports = [
            command(scene, "--store", url, "report", "--all", "--offline", "-f", "json").peak for url in urls
        ]
        changes = [
            command(scene, "--store", url, "changes", "--since", "2d", "--until", until, "-f", "json").peak
            for url in urls
        ]
        histories = [command(scene, "--store", url, "history", app_id(1), "-f", "json").cpu for url in urls]
        return [(each[0], each[1]) for each in (reports, changes, histories)]

    return turn


@benchmark("fetch-all", Row("`fetch --all` of 5,000: peak memory", "1,000", "B", 1.2), rounds=1)
def fetch_all(scene: Scene) -> Turn:
    """Fetch two catalogues from the API, played on this machine."""
    from loopback import Loopback, serving

    from benchmarks.data import app

    def peak(count: int) -> float:
        api = Loopback(limit=10**9)
        api.apps = {app_id(number): app(number) for number in range(count)}
        with serving(api):
            key = {"LAMINA_API_KEY": api.key, "LAMINA_BASE_URL": api.url}
            return command(scene, "fetch", "--all", "-o", f"fetched-{count}", **key).peak

    return lambda: [(peak(scene.size(5_000, 20)), peak(scene.size(1_000, 5)))]


@benchmark(
    "store-size",
    Row("a store of 500 apps and 30 nights, on disk", "its distinct canonical JSON", "B", 1.5),
    Row("`APP@DATE` in a store of 5,000", "1,000", wanted=1.5),
    rounds=5,
)
def store_size(scene: Scene) -> Turn:
    """Weigh a store, and ask two for the workflow of an app at a date."""
    from lamina_graph.refs import resolve_workflow
    from lamina_graph.store import Store

    url = scene.data.store(scene.size(500, 20), scene.size(30, 4))
    with Store(url) as store:
        info = store.info()
    disk = Path(url.removeprefix("sqlite:///")).stat().st_size

    def ask(count: int) -> float:
        with Store(scene.data.store(count)) as store:
            refs = [f"{app_id(number * 37 % count)}@2026-03-02" for number in range(scene.size(200, 2))]
            return cpu(lambda ref: resolve_workflow(ref, store=lambda: store), refs)

    return lambda: [
        (disk, info.canonical_size),
        (ask(scene.size(5_000, 40)), ask(scene.size(1_000, 20))),
    ]
