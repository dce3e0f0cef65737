"""The program: `lamina-graph`, and `python -m lamina_graph`."""

import gc
import os
import sys

if __name__ == "__main__" and not sys.flags.safe_path and (not sys.path[0] or sys.path[0] == os.getcwd()):
    del sys.path[0]  # the working folder: what is looked at must not be run

from lamina_graph import interruption


def main() -> None:
    """Run the command line and exit with its status."""
    interruption.end_at_once()
    # Loading makes many objects and hardly any garbage; to look for it often is a tenth of a start.
    gc.set_threshold(20_000, 20, 20)
    # No value here has a plugin, and pydantic would read the metadata of every installed package to find one.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from lamina_graph.cli import main as run

    try:
        run()
    except SystemExit as end:
        if end.code == interruption.STATUS:
            interruption.end_now()
        raise
    finally:
        interruption.end_at_once()


if __name__ == "__main__":
    main()
