"""The command line: what it prints where, its exit status, and what it says to input that cannot be used."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from patience import until
from playout.present.cli import answer

COMMAND = [sys.executable, "-c", "from playout.present.cli import main; main()"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test in a folder of its own, as a user would be."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    return folder


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = answer(arguments)
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return status, out, err


# --- run --------------------------------------------------------------------------------------------------------------


def test_run_prints_a_summary_and_keeps_results(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = said(capsys, "run", "ceasefire", "--futures", "300", "--no-report")
    assert (status, err) == (0, "")
    assert out.splitlines()[0] == "A ceasefire under strain"
    assert "\033" not in out
    lines = out.splitlines()
    assert len(lines) <= 23
    assert max(len(line) for line in lines) <= 80
    assert "In this model" in out
    assert "against “No monitors” ± se" in out
    assert sorted(path.name for path in Path("playout-results/ceasefire").iterdir()) == [
        "baseline", "outcomes", "paths.npz", "provenance.json", "result.json", "summary.json", "tallies.parquet",
    ]  # fmt: skip


def test_a_damaged_result_is_played_again(capsys: pytest.CaptureFixture[str]) -> None:
    run = ("run", "coin-and-die", "--futures", "100", "--no-report", "--out", "results")
    first = said(capsys, *run)[1]
    folder = Path("results")
    assert "nothing had changed" in said(capsys, *run)[1]
    part = "outcomes/part-00000.parquet"
    names = [part, "tallies.parquet", "paths.npz", "result.json", "provenance.json"]
    whole = {name: (folder / name).read_bytes() for name in names}
    swapped = {part: "tallies.parquet", "tallies.parquet": part}
    for name, content in whole.items():
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]
        for damaged in (content[:100], b"", b"{}", whole.get(swapped.get(name, ""), b"[]"), flipped):
            (folder / name).write_bytes(damaged)
            assert said(capsys, *run) == (0, first, ""), name
        (folder / name).unlink()
        assert said(capsys, *run) == (0, first, ""), name


def test_run_writes_a_report_unless_told_not_to(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "run", "coin-and-die", "--futures", "200", "--out", "results")
    assert status == 0
    assert out.splitlines()[-1] == f"Report  {Path('results') / 'report.html'}"
    assert Path("results/report.html").read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")


def test_json_is_one_object_and_nothing_else_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "run", "coin-and-die", "--futures", "200", "--seed", "7", "--json", "--no-report")
    assert status == 0
    plain = json.loads(out)
    assert out.count("\n") == 1
    assert plain["scenario"] == "coin-and-die"
    assert plain["futures"] == 200
    assert plain["seed"] == 7
    assert plain["report"] is None
    assert Path(plain["results"]).is_dir()


def test_the_same_run_again_is_taken_from_its_folder(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("run", "ceasefire", "--futures", "300", "--no-report")
    _, first, _ = said(capsys, *asked)
    written = Path("playout-results/ceasefire/provenance.json").stat().st_mtime_ns
    _, again, _ = said(capsys, *asked)
    assert Path("playout-results/ceasefire/provenance.json").stat().st_mtime_ns == written
    assert again.splitlines()[:-1] == first.splitlines()[:-1]
    assert again.splitlines()[-1].endswith("(nothing had changed since it was played)")
    said(capsys, *asked, "--seed", "2")
    assert Path("playout-results/ceasefire/provenance.json").stat().st_mtime_ns != written


def test_nothing_is_left_of_the_run_that_was_there_before(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("run", "ceasefire", "--futures", "100", "--out", "out", "--no-report")
    said(capsys, *asked)
    Path("out/report.html").write_text("of the first run")
    Path("out/notes.txt").write_text("mine")
    said(capsys, *asked, "--policy", "no_monitors")
    names = {path.name for path in Path("out").iterdir()}
    assert not {"report.html", "baseline"} & names
    assert {"notes.txt", "summary.json"} <= names


def test_a_damaged_folder_is_played_anew(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("run", "ceasefire", "--futures", "300", "--no-report", "--json")
    _, first, _ = said(capsys, *asked)
    Path("playout-results/ceasefire/outcomes/part-00000.parquet").write_bytes(b"rubbish")
    status, again, _ = said(capsys, *asked)
    assert status == 0
    assert {k: v for k, v in json.loads(again).items() if k != "seconds"} == {
        k: v for k, v in json.loads(first).items() if k != "seconds"
    }


def test_files_of_the_same_run_have_the_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("one", "two"):
        said(capsys, "run", "ceasefire", "--futures", "300", "--no-report", "--out", folder)
    for name in ("result.json", "summary.json", "outcomes/part-00000.parquet", "tallies.parquet", "paths.npz"):
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes(), name


def test_a_policy_and_a_view_have_folders_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "run", "ceasefire", "--futures", "100", "--no-report", "--policy", "always_monitors")
    assert Path("playout-results/ceasefire-always-monitors/outcomes").is_dir()


def test_played_under_the_baseline_nothing_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(capsys, "run", "ceasefire", "--futures", "100", "--no-report", "--policy", "no_monitors")
    assert "against" not in out
    assert not Path("playout-results/ceasefire-no-monitors/baseline").exists()


# --- check, list, new -------------------------------------------------------------------------------------------------


def test_check_says_what_a_scenario_holds_and_rests_on(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "check", "ceasefire")
    assert status == 0
    assert out.startswith("ceasefire is sound: A ceasefire under strain\n")
    assert "only assumed" in out


def test_check_prints_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "check", "ceasefire", "--print-program")
    assert status == 0
    assert "breach_rate" in out


def test_check_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "check", "ceasefire", "--json", "--print-program")
    plain = json.loads(out)
    assert status == 0
    assert plain["sound"] is True
    assert plain["counts"]["beliefs"] == 4
    assert plain["coverage"]["assumed"] == 5
    assert "breach_rate" in plain["program"]


UNSOUND = (
    "playout: 1\ntitle: T\nstart: 2025-01-06\nhorizon: 4 weeks\nstep: 1 week\nmeasures: {a: {of: b}, c: {of: d}}\n"
)


def test_everything_wrong_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    Path("wrong.yaml").write_text(UNSOUND)
    status, out, err = said(capsys, "check", "wrong.yaml")
    assert (status, out) == (1, "")
    assert err.count("error[") == 2
    assert "wrong.yaml:6:" in err


@pytest.mark.parametrize("verb", ["check", "run"])
def test_everything_wrong_is_told_as_json_too(capsys: pytest.CaptureFixture[str], verb: str) -> None:
    Path("wrong.yaml").write_text(UNSOUND)
    status, out, err = said(capsys, verb, "wrong.yaml", "--json")
    assert status == 1
    plain = json.loads(out)
    assert [d["severity"] for d in plain["diagnostics"]] == ["error", "error"]
    assert plain["diagnostics"][0]["line"] == 6
    assert plain["error"]["exit_status"] == 1
    assert "error[" in err
    assert not Path("playout-results").exists()


def test_warnings_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    Path("w.yaml").write_text(UNSOUND.partition("measures")[0] + "beliefs: {a: 0.2 to 0.5}\nmeasures: {m: {of: a}}\n")
    status, out, err = said(capsys, "check", "w.yaml")
    assert status == 0
    assert "warning[" in err
    assert "warning[" not in out
    assert "1 rests on nothing" in out
    assert "resting on nothing: `a`" in out


def test_list_names_the_installed_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "list")
    assert status == 0
    assert out.startswith("us-mexico-cartels: ")
    assert "\nceasefire: A ceasefire under strain\n" in out
    _, as_json, _ = said(capsys, "list", "--json")
    assert {"name", "title", "about"} == set(json.loads(as_json)["scenarios"][0])


@pytest.mark.parametrize(("name", "file"), [("mine", "mine/scenario.yaml"), ("a/b.yaml", "a/b.yaml")])
def test_new_writes_a_scenario_that_is_sound_and_runs(capsys: pytest.CaptureFixture[str], name: str, file: str) -> None:
    status, out, _ = said(capsys, "new", name)
    assert status == 0
    assert f"wrote {file}" in out
    status, _, err = said(capsys, "check", name)
    assert (status, err) == (0, "")
    status, out, _ = said(capsys, "run", name, "--futures", "200", "--no-report")
    assert status == 0
    assert "A strike at the port" in out


@pytest.mark.parametrize("name", ["there", "there.yaml"])
def test_new_writes_over_nothing(capsys: pytest.CaptureFixture[str], name: str) -> None:
    if name.endswith(".yaml"):
        Path(name).write_text("mine")
    else:
        Path(name).mkdir()
    status, _, err = said(capsys, "new", name)
    assert status == 1
    assert "is there already" in err
    assert not Path(name).is_file() or Path(name).read_text() == "mine"


def test_new_below_a_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("taken").write_text("mine")
    status, _, err = said(capsys, "new", "taken/below")
    assert status == 1
    assert "cannot be written" in err


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys)
    assert status == 0
    assert "run" in out
    with pytest.raises(SystemExit) as left:
        answer(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("playout ")


# --- what cannot be used ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["rum"], "there is no verb `rum`\n  hint: did you mean `run`?"),
        (["run", "--futurs", "5"], "`playout run` knows no `--futurs`\n  hint: did you mean `--futures`"),
        (["run", "ceasefire", "--futures", "many"], "`many` is not a whole number"),
        (["run", "ceasefire", "--futures", "0"], "at least one future has to be played"),
        (["run", "ceasefire", "--futures", "-3"], "at least one future has to be played"),
        (["run", "ceasefire", "--futures", "99999999999999"], "at most 10,000,000 futures"),
        (["run", "ceasefire", "--seed", "-1"], "a seed is a whole number from 0"),
        (["run", "ceasefire", "--policy", "always_monitor"], "did you mean `always_monitors` or"),
        (["run", "ceasefire", "--view", "any"], "there is no view `any`; the scenario has none"),
        (["run", "ceasefire", "--engine", "quantum"], "there is no engine `quantum`"),
        (["run", "ceasefire", "--engine", "numpy", "--precision", "single"], "computes in double precision only"),
        (["run", "ceasefire", "--precision", "half"], "there is no precision `half`"),
        (["run", "ceasefire", "--allow-stopped", "2"], "`2` is not a share from 0 to 1"),
        (["check", "ceasefire", "--print-program", "--policy", "x"], "there is no policy `x`"),
    ],
)
def test_a_faulty_command_line_exits_with_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], text: str
) -> None:
    status, out, err = said(capsys, *arguments)
    assert (status, out) == (2, "")
    assert text in err
    assert err.startswith("error: ")
    assert list(Path().iterdir()) == []
    status, out, _ = said(capsys, *arguments, "--json")
    assert status == 2
    assert text in json.loads(out)["error"]["message"]


@pytest.mark.parametrize("verb", ["run", "check"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("missing.yaml", "missing.yaml does not exist"),
        ("nowhere/missing.yaml", "does not exist"),
        ("cease-fire-typo", "hint: did you mean `ceasefire`?"),
        ("xyz", "hint: installed are `ceasefire`"),
        ("folder", "folder is a folder without a scenario.yaml"),
        ("binary.yaml", "is a binary file"),
        ("latin.yaml", "is not UTF-8"),
        ("big.yaml", "has 50 MB, and a scenario file may have 2 MB"),
        ("empty.yaml", "holds no scenario"),
        ("a" * 300 + ".yaml", "cannot be a scenario"),
        ("null\0byte", "error: 'null\\x00byte' is neither a file or folder here"),
        ("/dev/null", "is not a file"),
    ],
)
def test_what_is_no_scenario_exits_with_1(capsys: pytest.CaptureFixture[str], verb: str, name: str, text: str) -> None:
    Path("folder").mkdir()
    Path("binary.yaml").write_bytes(bytes(range(256)) * 4)
    Path("latin.yaml").write_bytes("título: acción".encode("latin-1"))
    Path("empty.yaml").write_text("")
    if name == "big.yaml":
        with Path("big.yaml").open("wb") as file:
            file.truncate(50_000_000)
    status, out, err = said(capsys, verb, name)
    assert (status, out) == (1, "")
    assert text in err
    assert not Path("playout-results").exists()


def test_a_folder_of_tables_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = said(capsys, "run", "recruitment", "--tables", "nowhere")
    assert status == 1
    assert "nowhere is not a folder of tables" in err


def test_results_cannot_go_into_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("taken").write_text("mine")
    for place in ("taken", "taken/below"):
        status, _, err = said(capsys, "run", "ceasefire", "--futures", "10", "--out", place)
        assert status == 1
        assert "taken" in err
    assert Path("taken").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_results_cannot_go_where_nobody_may_write(capsys: pytest.CaptureFixture[str]) -> None:
    Path("locked").mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
    status, _, err = said(capsys, "run", "ceasefire", "--futures", "10", "--out", "locked/results")
    assert status == 1
    assert "gives no permission" in err


def test_a_run_with_too_many_stopped_futures_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    Path("dry.yaml").write_text(
        UNSOUND.partition("measures")[0]
        + 'stocks: {water: {unit: "1", starts: 1, within: [0, inf], minus: {lost: 100 1/year}}}\n'
        + "measures: {water: {title: Water}}\n"
    )
    status, out, err = said(capsys, "run", "dry.yaml", "--futures", "10", "--no-report")
    assert (status, out) == (1, "")
    assert "10 of 10 futures stopped (100%), and 1% may\n  water left its bounds (futures: 10; first on " in err
    assert not Path("playout-results").exists()


def test_a_working_folder_that_was_deleted_is_told(capsys: pytest.CaptureFixture[str], elsewhere: Path) -> None:
    elsewhere.rmdir()
    status, out, err = said(capsys, "run", "coin-and-die", "--futures", "10", "--no-report")
    assert (status, out) == (1, "")
    assert err == "error: playout-results/coin-and-die cannot be made: the working folder has been deleted\n"


def test_a_fault_of_playout_is_a_message_with_status_3(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.delenv("PLAYOUT_TRACEBACK", raising=False)
    monkeypatch.setattr("playout.pipeline.load", broken)
    status, out, err = said(capsys, "run", "ceasefire", "--json")
    assert status == 3
    assert "a fault of Playout itself (ZeroDivisionError: oh)" in err
    assert json.loads(out)["error"]["kind"] == "InternalFault"
    monkeypatch.setenv("PLAYOUT_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        answer(["run", "ceasefire"])


# --- in a process of its own ------------------------------------------------------------------------------------------


def seconds_to_interrupt(elsewhere: Path) -> float:
    """How long a run that has something to keep takes to end; what it says and leaves."""
    process = subprocess.Popen(
        [*COMMAND, "run", "ceasefire", "--futures", "8000000", "--no-report"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert until(lambda: bool(list(elsewhere.rglob("part-*.kept"))) or process.poll() is not None)
    assert process.poll() is None
    asked = time.perf_counter()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    took = time.perf_counter() - asked
    assert process.returncode == 130
    assert out == ""
    assert re.fullmatch(r"\nstopped: [\d,]+ futures are kept, and the same run goes on from there\n", err)
    assert not Path("playout-results/ceasefire").exists(), "8 million futures take far longer than the first part"
    assert list(elsewhere.rglob("part-*.kept"))
    return took


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_it_and_leaves_whole_parts(elsewhere: Path) -> None:
    seconds_to_interrupt(elsewhere)


@pytest.mark.bench
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_it_at_once(elsewhere: Path) -> None:
    assert seconds_to_interrupt(elsewhere) < 3.0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("arguments", [["list"], ["list", "--json"], ["check", "ceasefire"]])
def test_an_output_that_cannot_be_written_is_told(arguments: list[str]) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "error: the output cannot be written: No space left on device\n"


def test_too_little_memory_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("playout.pipeline.load", greedy)
    status, out, err = said(capsys, "run", "ceasefire", "--json")
    assert status == 1
    assert err == "error: there is too little memory for this: ask for less, or close other programs\n"
    assert json.loads(out)["error"]["kind"] == "RunError"


def test_a_cache_that_cannot_be_written_is_a_warning(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("taken").write_text("a file")
    monkeypatch.setenv("PLAYOUT_CACHE", "taken/below")
    with pytest.warns(RuntimeWarning, match="compiled code could not be kept in taken/below"):
        status, out, _ = said(capsys, "run", "coin-and-die", "--futures", "50", "--no-report")
    assert status == 0
    assert "A coin and a die" in out


def test_a_run_until_a_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("run", "coin-and-die", "--no-report", "--json", "--until-se")
    status, out, _ = said(capsys, *asked, "0.006")
    plain = json.loads(out)
    assert status == 0
    assert plain["futures"] in (4096, 8192)
    errors = [own["se"] for own in plain["questions"].values()]
    errors += [stage["se"] for track in plain["stages"].values() for stage in track.values()]
    assert max(errors) <= 0.006
    assert said(capsys, *asked, "none")[0] == 2
    assert said(capsys, *asked, "1.5")[0] == 2


def test_a_reader_that_goes_away_is_no_fault() -> None:
    command = " ".join(["exec", sys.executable, "-c", "'from playout.present.cli import main; main()'"])
    done = subprocess.run(
        ["/bin/sh", "-c", f"({command} check us-mexico-cartels --print-program; echo status $? >&2) | head -1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_a_terminal_that_lacks_a_sign_gets_another() -> None:
    done = subprocess.run(
        [*COMMAND, "run", "coin-and-die", "--futures", "50", "--no-report"],
        env=os.environ | {"PYTHONIOENCODING": "ascii"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "A coin and a die" in done.stdout


def test_python_dash_m_is_the_same_command() -> None:
    done = subprocess.run([sys.executable, "-m", "playout", "list"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "us-mexico-cartels" in done.stdout


@pytest.mark.parametrize(
    ("tail", "status"),
    [
        ("list >&-", 0),
        ("list 2>&-", 0),
        ("check nowhere.yaml 2>&-", 1),
        ("check nowhere.yaml --json >&-", 1),
        ("check nowhere.yaml --json | true", 1),
        ("--help | true", 0),
    ],
)
def test_with_nobody_to_hear_it_the_status_is_the_same(tail: str, status: int, elsewhere: Path) -> None:
    command = f"exec {shlex.quote(sys.executable)} -m playout {tail.split(' | ')[0]}"
    reader = " | (sleep 0.01; true)" if "|" in tail else ""
    done = subprocess.run(
        ["/bin/sh", "-c", f"(({command}); echo $? > status){reader}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (elsewhere / "status").read_text() == f"{status}\n"
    assert "Traceback" not in done.stderr
    assert "fault of Playout" not in done.stderr


def test_what_a_scenario_holds_is_listed_without_a_gap(capsys: pytest.CaptureFixture[str]) -> None:
    header = "playout: 1\ntitle: Time\nstart: 2025-01-06\nhorizon: 4 weeks\nstep: 1 week\n"
    Path("time.yaml").write_text(header + "measures:\n  m: {of: time, unit: day}\n")
    lines = said(capsys, "check", "time.yaml")[1].splitlines()
    assert lines[2] == "  1 measure"
    assert all(line.strip() for line in lines)


# --- run --trace ------------------------------------------------------------------------------------------------------


def test_a_trace_tells_the_result_and_what_it_rests_on(capsys: pytest.CaptureFixture[str]) -> None:
    run = ("run", "ceasefire", "--futures", "400", "--no-report")
    status, out, err = said(capsys, *run, "--trace", "truce_by_2026")
    assert (status, err) == (0, "")
    assert "truce_by_2026: yes in " in out
    assert "truce_by_2026 ← peace.holding ← peace.talks ← patience" in out
    assert "assumed: how long a side fights before it is tired" in out
    assert max(len(line) for line in out.splitlines()) <= 80

    plain = json.loads(said(capsys, *run, "--trace", "truce_by_2026", "--json")[1])
    traced = plain["trace"]
    assert traced["results"]["questions"] == {"truce_by_2026": plain["questions"]["truce_by_2026"]}
    patience = next(belief for belief in traced["beliefs"] if belief["name"] == "patience")
    assert (patience["is"], patience["rests_on"]) == ("6 to 18 (90% interval)", "assumed")
    assert patience["moves"] is not None
    equations = [equation["text"] for read in traced["reads"] for equation in read["equations"]]
    assert "gamma(3, patience / 3)" in equations


@pytest.mark.parametrize("name", ["monitors", "monitors.sent", "peace.holding", "killed", "strain", "trust", "breach"])
def test_every_kind_of_result_has_a_trace(capsys: pytest.CaptureFixture[str], name: str) -> None:
    status, out, _ = said(capsys, "run", "ceasefire", "--futures", "200", "--no-report", "--trace", name)
    assert status == 0
    assert out.startswith(f"{name}: ")


def test_a_trace_of_nothing_is_told_before_anything_is_played(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = said(capsys, "run", "ceasefire", "--trace", "truce_by_2062")
    assert (status, out) == (2, "")
    assert err == "error: there is nothing called `truce_by_2062` to trace\n  hint: did you mean `truce_by_2026`?\n"
    assert not Path("playout-results").exists()


def test_check_says_what_a_step_costs(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "check", "ceasefire", "--cost")
    assert status == 0
    assert "budget: 10,000 futures of 157 steps take about " in out
    plain = json.loads(said(capsys, "check", "ceasefire", "--cost", "--json")[1])
    cost = plain["cost"]
    assert cost["draws"] >= 3, "two stays and a way out of talks at least"
    assert sum(part["draws"] for part in cost["parts"]) == cost["draws"]
    assert f"{cost['state_bytes']:,} bytes of state" in out
    small = json.loads(said(capsys, "check", "coin-and-die", "--cost", "--json")[1])["cost"]
    assert small["microseconds"] < cost["microseconds"]
    assert "cost" not in json.loads(said(capsys, "check", "ceasefire", "--json")[1])
