"""Every exception of the package, below one base.

    LaminaGraphError
    ├── InputError             a file, reference or option that cannot be used
    │   ├── WorkflowError      data that is not a workflow
    │   ├── RefError           a reference that names nothing, or more than one thing
    │   └── ConfigError        a configuration file that cannot be used
    ├── ApiError               the API answered with an error, or with something that cannot be understood
    │   ├── CredentialsError   no credentials, or rejected ones
    │   ├── NotFoundError      no such app for this key
    │   ├── RequestError       the request was refused as wrong
    │   ├── RateLimitError     too many requests
    │   ├── ServerError        the server failed, for now or for good
    │   ├── AnswerError        a success that is not what the API documents
    │   └── TransportError     no answer: name look-up, connection, time-out
    ├── StoreError             a store that cannot be opened, read or written
    └── RenderError            a picture that could not be drawn

Each error says in one line what happened (`str(error)`) and in another what to do (`error.hint`). The values an error is built
from are its `args`, so that it survives a trip between processes.
"""


class LaminaGraphError(Exception):
    """Base of all errors; `hint` says what to do about this one."""

    hint: str = ""


class InputError(LaminaGraphError):
    """A file, reference or option that cannot be used: a sentence, and what to do."""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem, hint)
        self.hint = hint

    def __str__(self) -> str:
        return str(self.args[0])


class WorkflowError(InputError):
    """Data that is not a workflow.

    Args:
        source: the file (or other origin) that was read.
        field: where in it, for instance `nodes[3].id`; empty for the whole.
        problem: what is wrong and what was expected.
    """

    def __init__(self, source: str, field: str, problem: str) -> None:
        super().__init__(problem, "A workflow is a JSON object with the lists `nodes` and `edges`, bare or in `data`.")
        self.args = (source, field, problem)
        self.source, self.field, self.problem = source, field, problem

    def __str__(self) -> str:
        return f"{self.source}: {self.field + ': ' if self.field else ''}{self.problem}"


class RefError(InputError):
    """A reference that names no workflow, or more than one."""


class ConfigError(InputError):
    """A configuration that cannot be used: the file, the field, what is wrong."""

    def __init__(self, path: str, field: str, problem: str) -> None:
        super().__init__(problem, "`lamina-graph rules` lists the names that a configuration may use.")
        self.args = (path, field, problem)
        self.path, self.field, self.problem = path, field, problem

    def __str__(self) -> str:
        return f"{self.path}: {self.field + ': ' if self.field else ''}{self.problem}"


class StoreError(LaminaGraphError):
    """A store that cannot be opened, read or written: a sentence, and what to do."""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem, hint)
        self.hint = hint

    def __str__(self) -> str:
        return str(self.args[0])


class RenderError(LaminaGraphError):
    """A picture that could not be drawn: what failed, and what to do."""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem, hint)
        self.hint = hint

    def __str__(self) -> str:
        return str(self.args[0])
