"""A file is written whole or not at all, and what only looks like a file is written to."""

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from strategies import JSON

from lamina_graph.files import canonical, write, writing

CASES = Path(__file__).parent / "cases"


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    write(path, "ü")
    write(path, b"second")
    assert path.read_bytes() == b"second"
    with pytest.raises(UnicodeEncodeError):
        write(path, "\ud800")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"."):
        write(tmp_path / "folder", "x")
    assert path.read_bytes() == b"second"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["folder", "out.txt"]


def test_a_written_file_has_the_usual_mode(tmp_path: Path) -> None:
    (tmp_path / "usual").write_text("")
    write(tmp_path / "ours", "")
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE(
        (tmp_path / "usual").stat().st_mode
    )


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        write(tmp_path / "no" / "x.txt", "x")


def test_a_file_keeps_its_mode_and_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
    before = path.stat()
    write(path, "new")
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_a_replaced_file_does_not_become_more_readable(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o600)
    with writing(path) as file:
        assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == 0o600
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 251 + ".svg")
    write(path, "long")
    assert path.read_text() == "long"


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(TypeError), writing(path) as file:
        file.writelines([b"half", None])  # type: ignore[list-item]
    assert [file.name for file in tmp_path.iterdir()] == ["a"]
    assert path.read_text() == "old"


def test_a_pipe_can_be_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(tmp_path / "link", "through")
    reader.join()
    assert (got, stat.S_ISFIFO(pipe.stat().st_mode)) == ([b"through"], True)


def test_a_device_can_be_written_to() -> None:
    write("/dev/null", "x")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


STREAMS = {
    "stdout": "lamina-graph diff a.json b.json -f markdown -o /dev/stdout >> log.md",
    "stderr": "lamina-graph diff a.json b.json -f markdown -o /dev/stderr 2>> log.md",
    "stdout, without a form": "lamina-graph diff a.json b.json -o /dev/stdout >> log.md",
    "a number": "lamina-graph diff a.json b.json -f markdown -o /dev/fd/3 3>> log.md",
    "the process": "lamina-graph diff a.json b.json -f markdown -o /proc/self/fd/1 >> log.md",
    "a link": "ln -s /dev/stdout out; lamina-graph diff a.json b.json -f markdown -o out >> log.md",
    "a dash": "lamina-graph diff a.json b.json -f markdown -o - >> log.md",
    "a dash of fetch": "lamina-graph fetch a.json -o - >> log.md",
    "a process": "lamina-graph diff a.json b.json -f markdown -o >(cat >> log.md; touch done); "
    "until test -e done; do sleep 0.01; done",
    "the head": "lamina-graph render a.json -f svg -o /dev/stdout | head -c 4 >> log.md",
}


@pytest.mark.parametrize("stream", STREAMS)
def test_a_name_of_an_open_stream_is_written_to(tmp_path: Path, stream: str) -> None:
    """A name that stands for an open stream is written to; the file behind it keeps what it had."""
    for name in ("a.json", "b.json"):
        shutil.copy(CASES / "dev-stdout" / name, tmp_path)
    (tmp_path / "log.md").write_text("first line\n")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", STREAMS[stream]],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, *more = (tmp_path / "log.md").read_text().splitlines()
    assert first == "first line"
    assert more
    assert not (tmp_path / "-").exists()


@given(JSON)
def test_canonical_text_is_what_json_writes_with_sorted_keys_and_an_indent(value: object) -> None:
    """Each byte of it: it names contents in stores. Only half a surrogate pair is escaped besides."""
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    escaped = "".join(f"\\u{ord(sign):04x}" if "\ud800" <= sign <= "\udfff" else sign for sign in text)
    assert canonical(value) == escaped


@pytest.mark.parametrize(
    "value", [{1: "a", 10: "b", 2: "c"}, {"a": (1, (2, {})), "b": []}, {None: 1}, float("1e400")]
)
def test_canonical_text_of_what_is_no_plain_json_is_what_json_writes(value: object) -> None:
    assert canonical(value) == json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
