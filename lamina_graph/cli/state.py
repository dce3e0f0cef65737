"""What the commands share: settings, configuration, client, and how a reference becomes a workflow."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from lamina_graph.cli import output
from lamina_graph.errors import ConfigError, CredentialsError, InputError, RefError, StoreError
from lamina_graph.validation import unknown_text, value_kind

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from lamina_graph.classify import Rule
    from lamina_graph.client import Client
    from lamina_graph.diff import ComparisonPolicy
    from lamina_graph.model import Entry, Workflow
    from lamina_graph.refs import Resolved, Sources
    from lamina_graph.settings import Config, Settings
    from lamina_graph.store import Store
    from lamina_graph.vocabulary import Vocabulary

MANY = 500
"""From this many workflows on, the work is spread over processes unless `--jobs` says otherwise."""


class State:
    """One run of the command line. Everything is read when first needed, so that `--help` reads nothing."""

    def __init__(self, config_path: Path | None = None, store_url: str | None = None) -> None:
        self._config_path, self._store_url = config_path, store_url
        self._opened = ExitStack()
        self._client: Client | None = None
        self._store: Store | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    @cached_property
    def settings(self) -> "Settings":
        """Credentials and base URL."""
        from lamina_graph.settings import Settings

        return Settings.read()

    @cached_property
    def config(self) -> "Config":
        """The configuration file given with `--config`, else the nearest one upwards, else an empty one."""
        from lamina_graph.settings import Config, find_config, load_config

        path = self._config_path or find_config(Path.cwd())
        return load_config(path) if path else Config()

    @cached_property
    def vocabulary(self) -> "Vocabulary":
        """The vocabulary, with the words of the configuration."""
        from lamina_graph.vocabulary import Vocabulary

        return Vocabulary.default().extended(self.config.vocabulary, self.config_source)

    @cached_property
    def rules(self) -> "tuple[Rule, ...]":
        """The category rules, those of the configuration first."""
        from lamina_graph.classify import RULES, user_rules

        return (*user_rules(self.config.category, self.config_source), *RULES)

    def policy(self, usage: Path | None = None) -> "ComparisonPolicy":
        """Return what comparisons are to mind: the configuration, the date, a TOML file of one's own usage.

        Raises:
            InputError: the file of the usage cannot be read.
            ConfigError: the configuration is wrong.
        """
        from lamina_graph.diff import ComparisonPolicy, Usage, acceptances, severities
        from lamina_graph.settings import read_toml

        try:
            used = Usage.of(read_toml(usage), str(usage)) if usage else None
        except ConfigError as error:
            raise InputError(str(error), "`lamina-graph uses --from-runs` writes one.") from error
        return ComparisonPolicy(
            severities=severities(self.config.diff, self.config_source),
            acceptances=acceptances(self.config.accept, self.config_source),
            today=datetime.now(UTC).date(),
            usage=used,
            vocabulary=self.vocabulary,
            category_rules=self.rules,
        )

    @property
    def config_source(self) -> str:
        """What an error in the configuration calls it."""
        return str(self.config.path or ".lamina-graph.toml")

    @property
    def report_title(self) -> str:
        """The heading of reports."""
        section, source = self.config.report, self.config_source
        for name in section.keys() - {"title"}:
            raise ConfigError(source, f"report.{name}", unknown_text(name, ["title"]))
        title = section.get("title", "Lamina catalogue")
        if not isinstance(title, str):
            raise ConfigError(
                source, "report.title", f"expected a string, found {value_kind(title, 'a table')}"
            )
        return title

    def client(self) -> "Client":
        """Return the one client of this run, which keeps the pace that the API allows."""
        from lamina_graph.client import Client
        from lamina_graph.sync import CATALOGUE_RETRIES, HeaderRateLimiter

        if self._client is None:
            self._client = self._opened.enter_context(
                Client(self.settings, rate_limiter=HeaderRateLimiter(), retry_policy=CATALOGUE_RETRIES)
            )
        return self._client

    def store(self, *, create: bool = False) -> "Store":
        """Return the store of this run: the one given with `--store`, else the one in the user's data folder.

        Raises:
            StoreError: there is none, and none is to be made.
        """
        from lamina_graph.store import Store, default_url

        if self._store is None:
            self._store = self._opened.enter_context(Store(self._store_url or default_url(), create=create))
            if self._store.created:
                output.print_note(f"a new store was made: {self._store.url}")
        return self._store

    def entries(self, refs: Sequence[str], *, strict: bool = False, offline: bool = False) -> "list[Entry]":
        """Return what the references name; name on stderr the files of folders that are no workflows."""
        return self.resolved(refs, strict=strict, offline=offline).entries

    def resolved(self, refs: Sequence[str], *, strict: bool = False, offline: bool = False) -> "Resolved":
        """Return what the references name and the files that were skipped, which are named on stderr too."""
        from lamina_graph.refs import resolve

        found = resolve(refs, **self._sources(offline), strict=strict)
        for path, reason in found.skipped:
            output.print_note(f"skipped {path}: {reason}")
        if found.skipped:
            output.print_note(f"{len(found.skipped)} of the folders' files skipped: no workflows")
        for entry in found.entries:
            if entry.error:
                output.print_error(str(entry.error), entry.error.hint)
        return found

    def workflow(self, ref: str, *, offline: bool = False) -> "Workflow":
        """Return the one workflow that a reference names; raise where it names none or several."""
        from lamina_graph.refs import one

        return one(ref, **self._sources(offline))

    def entry(self, ref: str, *, offline: bool = False) -> "Entry":
        """Return the one workflow that a reference names, with what a snapshot says beside it."""
        from lamina_graph.refs import entry

        return entry(ref, **self._sources(offline))

    def app_id(self, ref: str) -> str:
        """Return the id of the app that a reference names."""
        from lamina_graph.refs import app_id

        return app_id(ref, **self._sources(offline=False))

    def stored(self, date: str | None = None) -> "list[Entry]":
        """Return what the store has of every app, or had at a date; raise where that is nothing."""
        from lamina_graph.model import Entry
        from lamina_graph.store import parse_moment

        damage: list[StoreError] = []
        snapshots = self.store().catalogue(parse_moment(date) if date else None, damaged=damage.append)
        entries = [
            Entry(ref=f"{each.app_id}@{each.id}", workflow=each.workflow, estimate=each.estimate)
            for each in snapshots
        ]
        for error in damage:
            output.print_error(str(error), error.hint)
        entries += [Entry(ref="damaged snapshot", error=error) for error in damage]
        if not entries:
            raise RefError(
                f"the store had no app at {date}" if date else "the store has no app",
                "`lamina-graph store info` tells when it begins.",
            )
        return entries

    def _sources(self, offline: bool) -> "Sources":
        return {
            "client": self.client,
            "store": self.store,
            "offline": offline,
            "base_url": self.settings.base_url,
        }

    @contextmanager
    def executor(
        self, jobs: int | None, amount: int, dask: str | None = None, many: int = MANY
    ) -> "Iterator[Executor | None]":
        """Give what does a large amount of work; None where this process is enough.

        Args:
            jobs: how many processes; by default one, or all that the machine has for many values.
            amount: how many values there are.
            dask: the address of a Dask cluster, which does the work instead.
            many: from how many values on processes pay by default.
        """
        import os
        from concurrent.futures import ProcessPoolExecutor

        from lamina_graph.batch import cluster

        if dask is not None:
            with cluster(dask) as executor:
                yield executor
            return
        jobs = jobs or (min(os.cpu_count() or 1, 8) if amount >= many else 1)
        if jobs == 1:
            yield None
        else:
            with ProcessPoolExecutor(jobs) as pool:
                yield pool


def end_where_none(entries: "Sequence[Entry]") -> None:
    """End where nothing that was asked for could be read: of nothing there is nothing to say."""
    if not any(entry.workflow for entry in entries):
        end_on_failure(entries)


def end_on_failure(entries: "Sequence[Entry]") -> None:
    """End with a status that says so where something that was asked for could not be read."""
    errors = [entry.error for entry in entries if entry.error]
    if errors:
        sys.exit(4 if any(isinstance(error, CredentialsError) for error in errors) else 2)


def error_row(schema: str, entry: "Entry") -> dict[str, Any]:
    """Return the row of machine output that stands for an input that could not be read."""
    hint = entry.error.hint if entry.error else ""
    return {"schema": schema, "ref": entry.ref, "error": str(entry.error), "hint": hint}
