"""The comparisons, by what they are about; importing this registers them all, the short ones first."""

from importlib import import_module

from benchmarks.harness import REGISTRY as REGISTRY

for name in ("starts", "one_workflow", "versions", "stores", "services", "catalogues"):
    import_module(f"{__name__}.{name}")
