"""What the commands share: settings, configuration, client and store, each opened when first needed."""

import os
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from lamina_graph.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lamina_graph.classify import Classification, Rule
    from lamina_graph.client import Client
    from lamina_graph.diff import ComparisonPolicy
    from lamina_graph.features import Features
    from lamina_graph.model import Workflow
    from lamina_graph.refs import Sources
    from lamina_graph.settings import Config, Settings
    from lamina_graph.store import Store
    from lamina_graph.vocabulary import Vocabulary


class Setting(NamedTuple):
    """What is in force, and where it comes from."""

    value: str
    source: str


class State:
    """The settings, configuration, client and store of one command; `--help` reads none of them."""

    def __init__(self, config_path: Path | None = None, store_url: str | None = None) -> None:
        self.config_option, self.store_option = config_path, store_url
        self._opened = ExitStack()
        self._client: Client | None = None
        self._store: Store | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
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

        path = self.config_option or find_config(Path.cwd())
        return load_config(path) if path else Config()

    @cached_property
    def vocabulary(self) -> "Vocabulary":
        """The vocabulary, with the models of the workspace and the words of the configuration."""
        from lamina_graph.vocabulary import Vocabulary

        known = Vocabulary.default().with_models(self._stored_models())
        return known.extended(self.config.vocabulary, self.config_source)

    def _stored_models(self) -> "Sequence[tuple[str, str]]":
        """Return the models that the store knows, with what each makes; none where there is no store."""
        if not self.has_store:
            return ()
        from lamina_graph.errors import StoreError
        from lamina_graph.store import read_models

        try:
            return read_models(self.store_setting.value)
        except StoreError:
            return ()  # the command that needs the store says what is wrong with it

    @cached_property
    def rules(self) -> "tuple[Rule, ...]":
        """The category rules, those of the configuration first."""
        from lamina_graph.classify import RULES, user_rules

        return (*user_rules(self.config.category, self.config_source), *RULES)

    def analyze(self, workflow: "Workflow") -> "tuple[Features, Classification]":
        """Return the features and the classification of a workflow, by the words and rules in force."""
        from lamina_graph.classify import classify
        from lamina_graph.features import features

        facts = features(workflow, vocabulary=self.vocabulary)
        return facts, classify(workflow, facts=facts, vocabulary=self.vocabulary, rules=self.rules)

    def policy(self, usage: Path | None = None) -> "ComparisonPolicy":
        """Return the terms of comparisons: the configuration, the date, a TOML file of one's own usage.

        Raises:
            InputError: the file of the usage cannot be read.
            ConfigError: the configuration is wrong.
        """
        from datetime import UTC, datetime

        from lamina_graph.diff import (
            ComparisonPolicy,
            Usage,
            read_acceptances,
            read_ignored_fields,
            read_severities,
        )
        from lamina_graph.settings import read_toml

        try:
            used = Usage.of(read_toml(usage), str(usage)) if usage else None
        except ConfigError as error:
            raise InputError(str(error), "`lamina-graph uses --from-runs` writes one.") from error
        return ComparisonPolicy(
            severities=read_severities(self.config.diff, self.config_source),
            acceptances=read_acceptances(self.config.accept, self.config_source),
            ignore=read_ignored_fields(self.config.diff, self.config_source),
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
        from lamina_graph.validation_errors import unknown_text, value_kind

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
        from lamina_graph.cli import output
        from lamina_graph.client import Client
        from lamina_graph.sync import CATALOGUE_RETRIES, HeaderRateLimiter

        if self._client is None:
            on_pause = output.pause_printer()
            self._client = self._opened.enter_context(
                Client(
                    self.settings,
                    rate_limiter=HeaderRateLimiter(on_pause=on_pause),
                    retry_policy=CATALOGUE_RETRIES,
                    on_pause=on_pause,
                )
            )
        return self._client

    @cached_property
    def store_setting(self) -> "Setting":
        """The store in force, and what names it: an option, a variable, the configuration, or nothing."""
        from lamina_graph.settings import default_url

        if self.store_option:
            return Setting(self.store_option, "--store")
        if self.settings.store:
            return Setting(self.settings.store, "LAMINA_GRAPH_STORE")
        if self.config.store_url:
            return Setting(self.config.store_url, self.config_source)
        return Setting(default_url(), "the default")

    @property
    def has_store(self) -> bool:
        """Whether a store is named, or the user has one."""
        url, source = self.store_setting
        return source != "the default" or os.path.exists(url.removeprefix("sqlite:///"))

    def store(self, *, create: bool = False) -> "Store":
        """Return the store of this run: the one that is named, else the one in the user's data folder.

        Raises:
            StoreError: there is none, and none is to be made.
        """
        from lamina_graph.store import Store

        if self._store is None:
            self._store = self._opened.enter_context(Store(self.store_setting.value, create=create))
        return self._store

    def open_store(self, place: str) -> "Store":
        """Return another store than that of this run, which is closed with it.

        Raises:
            StoreError: there is none.
        """
        from lamina_graph.store import Store

        return self._opened.enter_context(Store(place, create=False))

    def sources(self, *, offline: bool = False) -> "Sources":
        """Return where references are looked up."""
        return {
            "client": self.client,
            "store": self.store,
            "offline": offline,
            "base_url": self.settings.base_url,
        }
