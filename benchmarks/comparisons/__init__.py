"""The comparisons, by what they are about; importing this registers them all."""

from benchmarks.comparisons import catalogues, one_workflow, starts, stores

__all__ = ["catalogues", "one_workflow", "starts", "stores"]
