"""The documentation holds: every YAML block is loaded, every command and Python block run, every link followed.

How a block in a page of the root or of docs/ is written, and what is done with it:

    ```yaml            a complete scenario: loaded and checked; from here on it is the page's scenario
    ```yaml continued  merged into the page's scenario for good, and checked: a tutorial that grows a file
    ```yaml fragment   merged into tests/docs/base.yaml, and checked
    ```yaml wrong CODE merged into tests/docs/base.yaml; must be refused with an error of that code
    ```yaml part       one of several files of a scenario: parsed, and checked through the file that includes it
    ```console         each line `$ playout …` is run in the page's folder and must exit with 0
    ```python          run in the page's folder, all blocks of a page one after the other in one process
    ```json, csv, text and blocks without a word are pictures of output: JSON is parsed, the rest left alone

Any other word is an error, so nothing is passed over by a slip of the pen. A comment before a block says more:

    <!-- file: NAME -->       the block is written to NAME in the page's folder (a scenario to scenario.yaml without)
    <!-- same as: PATH -->    the block is that file of the repository, to the letter
    <!-- not run: REASON -->  a console or Python block is left alone, for that reason
    <!-- exit: N -->          the commands exit with N
    <!-- output: exact -->    the commands print just what is shown; `…` stands for anything within a line
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import playout
from playout.errors import ScenarioError
from playout.model.tokens import RESERVED
from playout.model.words import STANDARDS

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])
BASE = REPOSITORY / "tests" / "docs" / "base.yaml"
BLOCK = re.compile(
    r"(?P<notes>(?:^[ ]*<!--[^\n]*-->[ ]*\n(?:[ ]*\n)*)*)"
    r"^(?P<indent>[ ]*)```(?P<words>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```[ ]*$",
    re.MULTILINE | re.DOTALL,
)
NOTE = re.compile(r"<!--\s*(file|same as|not run|exit|output):\s*(.*?)\s*-->")
COMMAND_LINE = "from playout.present.cli import main; main()"  # what the script `playout` does
LEFT_ALONE = {"", "text", "csv"}


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the words after it, its text, where it starts, and the notes before it."""

    language: str
    words: tuple[str, ...]
    text: str
    line: int
    notes: dict[str, str] = field(default_factory=dict)


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = []
    for match in BLOCK.finditer(text):
        language, *words = match["words"].split() or [""]
        indent = len(match["indent"])
        body = "".join(line[indent:] if line.strip() else "\n" for line in match["text"].splitlines(keepends=True))
        line = text.count("\n", 0, match.start("words")) + 1
        found.append(Block(language, tuple(words), body, line, dict(NOTE.findall(match["notes"]))))
    return found


def yaml_of(text: str) -> Any:
    return YAML(typ="rt").load(text)


def text_of(document: Any) -> str:
    stream = StringIO()
    writer = YAML(typ="rt")
    writer.width = 10_000
    writer.dump(document, stream)
    return stream.getvalue()


def merged(into: str, fragment: str) -> str:
    """``into`` with the fragment's definitions added; one of the same name in the same section is replaced."""
    whole, part = yaml_of(into), yaml_of(fragment)
    for section, content in part.items():
        if isinstance(content, dict) and isinstance(whole.get(section), dict):
            whole[section].update(content)
        else:
            whole[section] = content
    return text_of(whole)


@dataclass
class Page:
    """A page on its way through the test: its folder, and the scenario it has come to so far."""

    name: str
    folder: Path
    scenario: str | None = None
    scenario_file: str = "scenario.yaml"
    python: str = ""

    def fail(self, block: Block, why: str) -> None:
        pytest.fail(f"{self.name}:{block.line}: {why}", pytrace=False)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def load(self, block: Block, text: str, name: str) -> None:
        try:
            playout.load(self.write(name, text))
        except ScenarioError as error:
            self.fail(block, f"the block is no sound scenario\n{error}")

    def refuse(self, block: Block, text: str, code: str) -> None:
        try:
            playout.load(self.write("wrong.yaml", text))
        except ScenarioError as error:
            codes = sorted({d.code for d in error.diagnostics if d.severity == "error"})
            if code not in codes:
                self.fail(block, f"refused with {', '.join(codes)} and not with {code}\n{error}")
        else:
            self.fail(block, f"loads, and should be refused with {code}")

    def yaml(self, block: Block) -> None:
        match block.words:
            case ():
                self.scenario, self.scenario_file = block.text, block.notes.get("file", "scenario.yaml")
                self.load(block, block.text, self.scenario_file)
            case ("continued",):
                assert self.scenario is not None, f"{self.name}:{block.line}: there is nothing to continue"
                self.scenario = merged(self.scenario, block.text)
                self.load(block, self.scenario, self.scenario_file)
            case ("fragment",):
                self.load(block, merged(BASE.read_text(encoding="utf-8"), block.text), "fragment.yaml")
            case ("wrong", code):
                self.refuse(block, merged(BASE.read_text(encoding="utf-8"), block.text), code)
            case ("part",) if "file" in block.notes:
                yaml_of(block.text)
            case _:
                self.fail(block, f"unknown kind of YAML block: {' '.join(block.words)}")

    def console(self, block: Block) -> None:
        if "not run" in block.notes:
            assert block.notes["not run"], f"{self.name}:{block.line}: say why it is not run"
            return
        shown: list[str] = []
        printed: list[str] = []
        for line in block.text.splitlines():
            if not line.startswith("$ "):
                shown.append(line.rstrip())
                continue
            words = shlex.split(line[2:], comments=True)
            if words[0] != "playout":
                self.fail(block, f"only `playout` is run here: {line}")
            done = subprocess.run(
                [sys.executable, "-c", COMMAND_LINE, *words[1:]],
                cwd=self.folder,
                env=os.environ | {"COLUMNS": "80", "NO_COLOR": "1"},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != int(block.notes.get("exit", "0")):
                self.fail(block, f"{line}\nexited with {done.returncode}\n{done.stdout}{done.stderr}")
            printed += [out.rstrip() for out in (done.stdout + done.stderr).splitlines()]
        if block.notes.get("output") == "exact":
            pattern = "\n".join(re.escape(line).replace("…", ".*") for line in shown).strip("\n")
            if not re.fullmatch(pattern, "\n".join(printed).strip("\n")):
                self.fail(block, "prints something else:\n" + "\n".join(printed))

    def finish(self) -> None:
        if self.python:
            done = subprocess.run(
                [sys.executable, "-W", "error", "-c", self.python],
                cwd=self.folder,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{self.name}: its Python blocks fail\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_block_of_a_page_holds(page: Path, tmp_path: Path) -> None:
    state = Page(str(page.relative_to(REPOSITORY)), tmp_path)
    blocks = blocks_of(page)
    for block in blocks:  # a file may be shown after the scenario that reads it
        if "file" in block.notes:
            state.write(block.notes["file"], block.text)
    for block in blocks:
        if "same as" in block.notes:
            shipped = (REPOSITORY / block.notes["same as"]).read_text(encoding="utf-8")
            assert block.text == shipped, f"{state.name}:{block.line}: differs from {block.notes['same as']}"
        match block.language:
            case "yaml":
                state.yaml(block)
            case "console":
                state.console(block)
            case "python" if "not run" not in block.notes:
                state.python += block.text + "\n"
            case "json":
                json.loads(block.text)
            case "python":
                assert block.notes["not run"], f"{state.name}:{block.line}: say why it is not run"
            case language if language not in LEFT_ALONE:
                state.fail(block, f"unknown language of a block: {language}")
    state.finish()


def test_no_fence_is_left_open() -> None:
    for page in PAGES:
        fences = re.findall(r"^ *```", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(fences) == 2 * len(blocks_of(page)), page


def anchor(heading: str) -> str:
    """The anchor a heading gets on the usual forges: lower case, spaces to hyphens, punctuation dropped."""
    kept = re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", heading).strip().lower())
    return kept.replace(" ", "-")


def prose_of(page: Path) -> str:
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def anchors_of(page: Path) -> set[str]:
    return {anchor(heading) for heading in re.findall(r"^#+ (.*)$", prose_of(page), re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose_of(page))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{page.name} links to {target}, which is not there"
        assert linked.is_relative_to(REPOSITORY), f"{page.name} links out of the repository: {target}"
        if fragment:
            assert fragment in anchors_of(linked), f"{page.name} links to {target}: no such heading"


def test_every_page_is_reached_from_the_index() -> None:
    index = REPOSITORY / "docs" / "index.md"
    linked = {
        (index.parent / target.partition("#")[0]).resolve()
        for target in re.findall(r"\]\(([^)\s]+)\)", index.read_text(encoding="utf-8"))
    }
    assert {page for page in PAGES if page.is_relative_to(REPOSITORY / "docs")} - linked - {index} == set()


def test_every_estimative_word_is_listed_with_its_range() -> None:
    page = (REPOSITORY / "docs" / "reference" / "words.md").read_text(encoding="utf-8")
    for standard in STANDARDS.values():
        assert f"## `{standard.name}`" in page
        for word in standard.words:
            assert f"| {', '.join(word.wordings)} | {100 * word.low:g}–{100 * word.high:g}% |" in page


def test_the_language_reference_lists_the_words_that_are_taken() -> None:
    page = (REPOSITORY / "docs" / "reference" / "language.md").read_text(encoding="utf-8")
    quoted = " ".join(line for line in page.splitlines() if line.startswith(">"))
    assert set(re.findall(r"[a-z]+", quoted)) == RESERVED


def test_every_code_of_an_error_is_explained_and_exists() -> None:
    page = (REPOSITORY / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    explained = {code for cell in cells for code in re.findall(r"`([a-z-]+)`", cell)}
    expected = "".join(path.read_text(encoding="utf-8") for path in REPOSITORY.glob("tests/failing/*/expected.txt"))
    source = "".join(path.read_text(encoding="utf-8") for path in REPOSITORY.glob("src/playout/**/*.py"))
    assert set(re.findall(r"(?:error|warning)\[([a-z-]+)\]", expected)) - explained == set(), "not explained"
    assert {code for code in explained if f'"{code}"' not in source} == set(), "explained, and not in the code"
    assert codes_given() - explained == set(), "in the code, and not explained"


def codes_given() -> set[str]:
    """The codes that the source gives to diagnostics: words alone among the arguments of what makes one."""
    makers = {"error", "_error", "warn", "fault", "_fault", "_refuse", "Diagnostic"}
    found = set()
    for path in REPOSITORY.glob("src/playout/[rm]*/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in makers:
                given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "code")]
                texts = [arg.value for arg in given if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
                texts = [text for text in texts if text not in ("error", "warning")]  # severities
                found.update(text for text in texts if re.fullmatch(r"[a-z]+(-[a-z]+)*", text))
    return found


def options_of(verb: str) -> set[str]:
    command = [sys.executable, "-c", COMMAND_LINE, *verb.split(), "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", shown)) - {"--help"}


@pytest.mark.parametrize("verb", ["", "run", "discover", "stories", "bargain", "check", "show", "list", "new", "bench"])
def test_every_option_of_the_command_line_is_explained(verb: str) -> None:
    page = (REPOSITORY / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    assert {option for option in options_of(verb) if option not in page} == set()


def test_the_keys_of_the_json_output_are_explained() -> None:
    page = (REPOSITORY / "docs" / "how-to" / "use-results-in-a-program.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    explained = {key for cell in cells for key in re.findall(r"`([a-z_]+)`", cell)}
    printed = playout.run("coin-and-die", futures=100).summary.as_json()
    assert set(printed) | {"results", "report", "trace"} == explained
