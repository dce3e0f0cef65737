"""`python -m lamina_graph` is `lamina-graph`."""

import os
import sys

if not sys.flags.safe_path and (not sys.path[0] or sys.path[0] == os.getcwd()):
    del sys.path[0]  # the working folder: what is looked at must not be run

from lamina_graph.cli import main

main()
