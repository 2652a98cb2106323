"""Files → a tree that knows its places; and all that is refused on the way."""

from __future__ import annotations

import contextlib
import os
import time
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from playout.errors import Diagnostic, InputError
from playout.model.tokens import Fault
from playout.read.nodes import Mapping, Node, Scalar, Sequence, SourceText
from playout.read.source import MAX_FILE_BYTES, MAX_FILES, Sources, read_sources, text_sources
from playout.read.yaml import parse_yaml


def tree(text: str) -> Node:
    report: list[Diagnostic] = []
    node = parse_yaml(SourceText("test", text), report)
    assert node is not None
    assert not report
    return node


def scalar(text: str) -> Scalar:
    node = tree(text)
    assert isinstance(node, Mapping)
    value = node.entries[-1].value
    assert isinstance(value, Scalar)
    return value


def codes(sources: Sources) -> list[str]:
    return [diagnostic.code for diagnostic in sources.report]


# --- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value", "word", "line", "column"),
    [
        ("a: one two\n", "one two", "two", 1, 8),
        ("a:   'one two'\n", "one two", "two", 1, 11),
        ('{a: "one two"}\n', "one two", "two", 1, 10),
        ("a: 'it''s two'\n", "it's two", "two", 1, 11),
        ('a: "\\tone \\u00e9 two"\n', "\tone é two", "two", 1, 18),
        ('a: "one\\\n   \\ two"\n', "one two", "two", 2, 6),
        ("a: one\n   two\n", "one two", "two", 2, 4),
        ("a: 'one\n\n   two'\n", "one\ntwo", "two", 3, 4),
        ("a: |\n  one\n  two\n", "one\ntwo\n", "two", 3, 3),
        ("a: |2-  # note\n    one\n  two\n", "  one\ntwo", "two", 3, 3),
        ("a: >-\n  one\n\n  two three\n", "one\ntwo three", "three", 4, 7),
        ("a: one # two\nb: 'é two'\n", "é two", "two", 2, 7),
    ],
)
def test_place_in_a_scalar(text: str, value: str, word: str, line: int, column: int) -> None:
    node = scalar(text)
    assert node.text == value
    start = value.index(word)
    span = node.place(start, start + len(word))
    assert (span.line, span.column, span.end - span.column) == (line, column, len(word))


@given(st.text(alphabet="ab '\"\\:#\n", max_size=20), st.sampled_from(["'", '"']))
def test_places_of_quoted_text(text: str, quote: str) -> None:
    """Every visible character of a quoted text that is itself in the file is found there."""
    raw = text.replace("'", "''") if quote == "'" else text.replace("\\", "\\\\").replace('"', '\\"')
    try:
        node = scalar(f"key: {quote}{raw}{quote}\n")
    except (Fault, AssertionError):
        return
    lines = node.source.lines
    for index, character in enumerate(node.text):
        span = node.place(index, index + 1)
        found = lines[span.line - 1][span.column - 1 : span.column]
        assert character.isspace() or found == character or found == "\\"


def test_spans_of_keys_and_values() -> None:
    node = tree("first: 1\nlist: [a, bb]\n")
    assert isinstance(node, Mapping)
    key, value = node.entries[1].key, node.entries[1].value
    assert (key.span.line, key.span.column, key.span.end) == (2, 1, 5)
    assert isinstance(value, Sequence)
    assert [(item.span.column, item.span.end) for item in value.items] == [(8, 9), (11, 13)]


# --- YAML 1.2, and what of it is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["no", "on", "yes", "off", "2025-03-07", "0o17", "1_000", "12:30:45", "=", "<<"])
def test_words_stay_words(word: str) -> None:
    assert scalar(f"a: {word}\n").text == word


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x 1\nb: *x\n", "alias"),
        ("a: *x\n", "alias"),
        ("a: !!str 1\n", "yaml-tag"),
        ("a: !!python/object/apply:os.system [true]\n", "yaml-tag"),
        ("a: 1\n---\nb: 2\n", "yaml"),
        ("? [a]\n: 1\n", "yaml"),
        (": 1\n", "yaml"),
        ("a: [1\n", "yaml"),
        ("a: \x00\n", "yaml"),
        ("a: [1]\n[2]: 3\n: :", "yaml"),
        ("a: [" + "1," * 120_000 + "]", "too-large"),
        ("a: [" + "[" * 5000, "too-deep"),
        ('a: "\\ud800"\n', "yaml"),
        ('a: "\\e[2J"\n', "yaml"),
        ('a: "\\0"\n', "yaml"),
        ('"\\x9b": 1\n', "yaml"),
        ("a:\n" + "".join(" " * n + "- \n" for n in range(1, 200)), "too-deep"),
    ],
)
def test_refused(text: str, code: str) -> None:
    with pytest.raises(Fault) as caught:
        parse_yaml(SourceText("test", text), [])
    assert caught.value.diagnostic.code == code


def nested(deep: int) -> float:
    """Processor time to refuse so many brackets, none of which is closed."""
    begun = time.process_time()
    with pytest.raises(Fault, match="nested more than 30 deep"):
        parse_yaml(SourceText("test", "a: " + "[" * deep), [])
    return time.process_time() - begun


def test_what_is_nested_too_deep_is_refused_before_the_rest_is_read() -> None:
    nested(900_000)


@pytest.mark.bench
def test_what_is_nested_too_deep_is_soon_refused() -> None:
    assert nested(900_000) < 2.0


def test_breaks_and_signs_of_other_scripts_may_stand_for_themselves() -> None:
    node = parse_yaml(SourceText("test", 'a: "x\\ty\\nz \\u2014 \\U0001F30D"\n'), [])
    assert isinstance(node, Mapping)
    value = node.entries[0].value
    assert isinstance(value, Scalar)
    assert value.text == "x\ty\nz \u2014 \U0001f30d"


def test_duplicate_keys_are_reported_and_the_first_kept() -> None:
    report: list[Diagnostic] = []
    node = parse_yaml(SourceText("test", "a: 1\nb: {c: 1, c: 2}\na: 2\n"), report)
    assert [(d.code, d.span.line) for d in report] == [("duplicate-key", 2), ("duplicate-key", 3)]
    assert report[1].related[0][0].line == 1
    assert isinstance(node, Mapping)
    assert [entry.key.text for entry in node.entries] == ["a", "b"]


@given(st.one_of(st.text(max_size=200), st.text(alphabet="ab:-? {}[],|>'\"#&*!%@\n\t\\~0", max_size=60)))
@example("{" * 400)
@example("- " * 400)
@example("? " * 400)
@example("%YAML 9.9\n---\na")
@example("a: !<\n")
@example('a: "\\U99999999"')
@example("a: 'x\n--- \n'")
def test_any_text_gives_a_tree_or_a_fault(text: str) -> None:
    with contextlib.suppress(Fault):
        parse_yaml(SourceText("test", text), [])


@given(st.binary(max_size=200))
def test_any_bytes_give_sources_or_an_input_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "scenario.yaml"
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        read_sources(path)


# --- the root file ----------------------------------------------------------------------------------------------------


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_sources(path)
    return str(caught.value)


def test_root_missing(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text("playout: 1\n")
    said = refusal(tmp_path / "scenaro.yaml")
    assert "does not exist" in said
    assert "scenario.yaml" in said


def test_root_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text("playout: 1\n")
    assert "is a folder" in refusal(tmp_path)


def test_root_over_the_limit_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    assert "has 50 MB, and a scenario file may have 2 MB" in refusal(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\x00", "binary"),
        ("Sanción".encode("latin-1"), "is not UTF-8: byte 0xF3 in line 1"),
        ("title: x".encode("utf-16"), "UTF-16"),
    ],
)
def test_root_that_is_no_text(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_bytes(content)
    assert said in refusal(path)


def test_root_that_may_not_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text("playout: 1\n")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may open anything")
    assert "may not be opened" in refusal(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_root_that_is_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "scenario.yaml")
    assert "is not a file" in refusal(tmp_path / "scenario.yaml")


@pytest.mark.parametrize("name", ["a" * 5000, "nul\x00byte"])
def test_root_with_an_impossible_name(name: str) -> None:
    said = refusal(Path(name))
    assert "cannot be read" in said or "does not exist" in said


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_bytes(b"\xef\xbb\xbfplayout: 1\r\nmeasures: {}\r\n")
    sources = read_sources(path)
    assert [(e.key.text, e.key.span.line, e.key.span.column) for e in sources.entries] == [
        ("playout", 1, 1),
        ("measures", 2, 1),
    ]


# --- include ----------------------------------------------------------------------------------------------------------


def scenario(folder: Path, **files: str) -> Sources:
    """Reads root.yaml of a folder of files; ``in_a__b`` is the file in_a/b.yaml."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return read_sources(folder / "root.yaml")


def test_included_sections_stand_where_the_include_stands(tmp_path: Path) -> None:
    sources = scenario(
        tmp_path,
        root="actors: {}\ninclude: [sub/one.yaml]\nevents: {}\n",
        sub__one="sets: {}\ninclude: two.yaml\n",
        sub__two="stocks: {}\n",
    )
    assert not sources.report
    assert [entry.key.text for entry in sources.entries] == ["actors", "sets", "stocks", "events"]
    assert list(sources.texts) == [str(tmp_path / name) for name in ("root.yaml", "sub/one.yaml", "sub/two.yaml")]


def test_each_file_counts_once_and_circles_are_harmless(tmp_path: Path) -> None:
    sources = scenario(
        tmp_path, root="include: [one.yaml, one.yaml, ./one.yaml]\n", one="include: [root.yaml, one.yaml]\nsets: {}\n"
    )
    assert not sources.report
    assert len(sources.entries) == 1


OUTSIDE = ["/etc/passwd", "../outside.yaml", "sub/../../outside.yaml", "link.yaml", "folder/x.yaml"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_include_outside_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "outside.yaml").write_text("sets: {}\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.yaml").write_text("sets: {}\n")
    home = tmp_path / "home"
    home.mkdir()
    (home / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (home / "folder").symlink_to(tmp_path / "elsewhere")
    sources = scenario(home, root=f"include: [{name}]\n")
    assert codes(sources) == ["include"]
    assert "outside" in sources.report[0].message
    assert not sources.entries


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "link.yaml").symlink_to(tmp_path / "one.yaml")
    sources = scenario(tmp_path, root="include: [link.yaml]\n", one="sets: {}\n")
    assert not sources.report
    assert len(sources.entries) == 1


@pytest.mark.parametrize("name", ["missing.yaml", "sub", "loop.yaml", '"nul\\0byte"', "[nested]", "", "{a: b}"])
def test_include_of_what_is_no_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    sources = scenario(tmp_path, root=f"include: [{name}]\n")
    assert sources.report or name == ""
    assert all(d.span.line == 1 for d in sources.report)


def test_include_of_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\x00")
    sources = scenario(tmp_path, root="include: [picture.png]\n")
    assert [(d.code, d.span.line, d.span.column) for d in sources.report] == [("include", 1, 11)]


def test_header_keys_stand_in_the_root_only(tmp_path: Path) -> None:
    sources = scenario(tmp_path, root="title: A\ninclude: [one.yaml]\n", one="title: B\nstart: 2025-01-01\n")
    assert codes(sources) == ["header-elsewhere", "header-elsewhere"]


def test_a_broken_file_is_reported_and_the_others_still_read(tmp_path: Path) -> None:
    sources = scenario(tmp_path, root="include: [one.yaml, two.yaml]\n", one="a: [\nb: {}\n", two="tracks: {}\n")
    assert codes(sources) == ["yaml"]
    assert not sources.broken
    assert sources.lost_names == {"a"}
    assert [entry.key.text for entry in sources.entries] == ["b", "tracks"]


@pytest.mark.parametrize("fault", ["sets: [", "include: [", "sets:\n  a: [1\n  b: [2]", "- a: 1\n- b: ["])
def test_a_file_without_which_nothing_can_be_understood_is_broken(tmp_path: Path, fault: str) -> None:
    sources = scenario(tmp_path, root=f"title: A\n{fault}\n")
    assert set(codes(sources)) == {"yaml"}
    assert sources.broken


def test_too_many_files(tmp_path: Path) -> None:
    count = MAX_FILES + 5
    for n in range(count):
        (tmp_path / f"f{n}.yaml").write_text(f"include: [f{n + 1}.yaml]\n")
    (tmp_path / f"f{count}.yaml").write_text("sets: {}\n")
    sources = scenario(tmp_path, root="include: [f0.yaml]\n")
    assert codes(sources) == ["too-large"]


def test_files_that_are_too_large_together(tmp_path: Path) -> None:
    filler = "# " + "x" * (MAX_FILE_BYTES - 100) + "\n"
    for n in range(6):
        (tmp_path / f"f{n}.yaml").write_text(filler)
    sources = scenario(tmp_path, root="include: [f0.yaml, f1.yaml, f2.yaml, f3.yaml, f4.yaml, f5.yaml]\n")
    assert set(codes(sources)) == {"too-large"}


def test_a_text_from_nowhere_includes_nothing() -> None:
    assert codes(text_sources("include: [a.yaml]\n", "text")) == ["include"]


# --- two readers of YAML, one tree ------------------------------------------------------------------------------------

SHIPPED = sorted(Path(str(files("playout") / "scenarios")).rglob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_tree_is_the_same_without_libyaml(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = path.read_text(encoding="utf-8")
    fast = tree(text)
    monkeypatch.delattr("yaml.CSafeLoader")
    assert tree(text) == fast
