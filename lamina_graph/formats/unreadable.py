"""What is wrong with a file that could not be read."""


class UnreadableError(ValueError):
    """A file of a known format that cannot be read.

    Args:
        field: where in it, for instance `links[3]`; empty for the whole.
        problem: what is wrong, and what was expected.
        hint: what to do.
    """

    def __init__(self, field: str, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.args = (field, problem, hint)
        self.field, self.problem, self.hint = field, problem, hint

    def __str__(self) -> str:
        return f"{self.field}: {self.problem}" if self.field else self.problem
