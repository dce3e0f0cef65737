"""Kill the renewal of a login twenty times at random: the old login or the new one must be left, whole.

python benchmarks/login_kill.py [--kills N] [--seed N]
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from killed_login import kill_many
from loopback import Loopback, serving


def main() -> None:
    """Kill, and count what is left."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, serving(Loopback(limit=10**6)) as api:
        left = kill_many(api, Path(home), options.kills, options.seed)
    print(
        f"{options.kills} renewals killed: {left['old']} old logins, {left['new']} new ones,"
        f" {left['neither']} lost"
    )


if __name__ == "__main__":
    main()
