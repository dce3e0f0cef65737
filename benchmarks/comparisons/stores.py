"""Commands that read a store, and what a store takes."""

from datetime import timedelta

from benchmarks.data import FIRST, app, app_id
from benchmarks.harness import (
    NotMeasured,
    Pair,
    Row,
    Run,
    Scene,
    Turn,
    agree,
    benchmark,
    beside,
    command,
    cpu,
)

UNTIL = (FIRST + timedelta(days=3)).isoformat()
COMMANDS: dict[str, tuple[object, ...]] = {
    "`report --all -f json`": ("report", "--all", "--offline", "-f", "json"),
    "`changes --since 2d`": ("changes", "--since", "2d", "--until", UNTIL, "-f", "json"),
    "`classify --all`": ("classify", "--all", "--offline", "--json", "--jobs", 1),
    "`lint --all`": ("lint", "--all", "--offline", "--json"),
    "`find --all`": ("find", "kling*", "--all", "--offline", "--json"),
    "`store export`": ("store", "export", "exported-{}"),
}


@benchmark(
    "stores",
    *(Row(f"{shown}, a store of 5,000: peak memory", "1,000", "B", 1.2) for shown in COMMANDS),
    Row("`history APP` in a store of 5,000: CPU", "1,000", wanted=1.2),
    rounds=3,
    seconds=60,
)
def stores(scene: Scene) -> Turn:
    """Read two stores of three nights; what makes up the least part of a night changes in each."""
    few, many = scene.size(1_000, 20), scene.size(5_000, 20)
    urls = {count: scene.data.store(count) for count in (few, many)}

    def ask(*words: object) -> tuple[Run, Run]:
        return beside(
            scene, many, few, lambda n: ("--store", urls[n], *(str(word).format(n) for word in words))
        )

    def turn() -> list[Pair]:
        memory = [ask(*words) for words in COMMANDS.values()]
        history = ask("history", app_id(1), "-f", "json")
        return [*((large.peak, small.peak) for large, small in memory), (history[0].cpu, history[1].cpu)]

    return turn


@benchmark("fetch-all", Row("`fetch --all` of 5,000: peak memory", "1,000", "B", 1.2), rounds=3, seconds=60)
def fetch_all(scene: Scene) -> Turn:
    """Fetch two catalogues from the API, played on this machine."""
    from loopback import Loopback, serving

    def peak(count: int) -> float:
        api = Loopback(limit=10**9)
        api.apps = {app_id(number): app(number) for number in range(count)}
        with serving(api):
            key = {"LAMINA_API_KEY": api.key, "LAMINA_BASE_URL": api.url}
            return command(scene, "fetch", "--all", "-o", f"fetched-{count}", **key).peak

    return lambda: [(peak(scene.size(5_000, 10)), peak(scene.size(1_000, 5)))]


@benchmark(
    "store-size",
    Row("a store of 500 apps and 30 nights, on disk", "its distinct canonical JSON", "B", 1.5),
    Row("`APP@DATE` by id in a store of 5,000", "1,000", wanted=1.5),
    Row("`APP@DATE` by name in a store of 5,000", "1,000", wanted=1.5),
    Row("the whole catalogue at a date, an app, 5,000", "1,000", wanted=1.5),
    rounds=5,
)
def store_size(scene: Scene) -> Turn:
    """Weigh a store, and ask two for the workflow of an app, and of all apps, at a date."""
    from lamina_graph.refs import resolve_workflow
    from lamina_graph.store import Store

    with Store(scene.data.store(scene.size(500, 20), scene.size(30, 3))) as store:
        info = store.info()
    night = FIRST + timedelta(days=1)

    def ask(count: int) -> tuple[float, ...]:
        with Store(scene.data.store(count)) as store:
            numbers = [number * 37 % count for number in range(scene.size(200, 2))]
            by_id, by_name = (
                cpu(
                    lambda ref: resolve_workflow(ref, store=lambda: store),
                    [f"{app}@{night:%F}" for app in apps],
                )
                for apps in (map(app_id, numbers), map("App {}".format, numbers))
            )
            return by_id, by_name, cpu(lambda at: sum(1 for _ in store.catalogue(at)), [night]) / count

    return lambda: [
        (info.size, info.canonical_size),
        *zip(ask(scene.size(5_000, 20)), ask(scene.size(1_000, 20)), strict=True),
    ]


@benchmark(
    "store-postgresql",
    Row("a store of 500 apps and 10 nights in PostgreSQL, on disk", "its distinct canonical JSON", "B", 1.5),
    Row("the whole catalogue at a date from PostgreSQL", "SQLite"),
    rounds=3,
)
def store_postgresql(scene: Scene) -> Turn:
    """Weigh the same store in a server that is started for this, and read both."""
    from databases import postgres

    from lamina_graph.store import Store

    apps, nights = scene.size(500, 10), scene.size(10, 2)
    night = FIRST + timedelta(days=1)
    with postgres() as url:
        if url is None:
            raise NotMeasured("install PostgreSQL")
        with (
            Store(scene.data.store(apps, nights, url)) as server,
            Store(scene.data.store(apps, nights)) as file,
        ):
            found = [[each.workflow for each in store.catalogue(night)] for store in (server, file)]
            agree(*found, "the catalogues in PostgreSQL and SQLite")
            info = server.info()
            times = [
                tuple(
                    cpu(lambda store: sum(1 for _ in store.catalogue(night)), [store])
                    for store in (server, file)
                )
                for _ in range(3)
            ]
    turns = iter(times)
    return lambda: [(info.size, info.canonical_size), next(turns)]
