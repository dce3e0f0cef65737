"""Files at a git revision, and this program as git's diff driver; the `git` program itself does the work."""

from lamina_graph.git.driver_installation import disable_driver, enable_driver, repair_driver
from lamina_graph.git.revisions import (
    fetch_commit,
    find_path,
    has_no_commit,
    is_commit,
    is_folder,
    is_path,
    merge_base,
    parents,
    prefix,
    read,
    read_tree,
)

__all__ = [
    "disable_driver",
    "enable_driver",
    "fetch_commit",
    "find_path",
    "has_no_commit",
    "is_commit",
    "is_folder",
    "is_path",
    "merge_base",
    "parents",
    "prefix",
    "read",
    "read_tree",
    "repair_driver",
]
