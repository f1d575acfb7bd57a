"""Bad input, as a user meets it: fault.py [options] CASE RANKS

Runs one case under mpirun and demands that all ranks end within five seconds, with a status that is not zero, and
that the message appears on standard error once: no other rank says anything. (mpirun's own banner is not counted.)
"""
import argparse
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

SECONDS = 5

RUN_FILE = """\
[run]
quiet = true
[ranks]
ml = { count = 1 }
[surrogate.kinetics]
inputs = ["state"]
outputs = ["advanced"]
model = { kind = "mlp", hidden = [8] }
trust = { gate = "ensemble", tolerance = 1e-3 }
late = "wait"
[training.kinetics]
batch = 16
"""


def changed(old, new):
    """The run file with one line changed."""
    assert RUN_FILE.count(old) == 1, old
    return RUN_FILE.replace(old, new)


class Case:
    """What is run (by default a simulation that does what `body` names), and what it says."""

    def __init__(self, message, body="none", run_file=RUN_FILE, program=None, arguments=(), beside=None,
                 status=None, name="run.toml", prepare=None, aborts=None):
        self.message, self.body, self.run_file, self.program = message, body, run_file, program
        self.arguments, self.beside, self.status, self.name = arguments, beside, status, name
        self.prepare, self.aborts = prepare, aborts


def wrong_initial(folder):
    import h5py
    import numpy

    with h5py.File(folder / "initial.h5", "w") as file:
        file["state"] = numpy.full((12, 16, 3), 0.3)


def regular_file(folder):
    (folder / "file").write_text("not a folder")


INNER = "[run]\nquiet = true\n[inner]\nnx = 16\nny = 16\nsteps = 2\n"
SPLIT = "[run]\nquiet = true\n[ranks]\nml = { count = 1 }\n"
# {last}: the last simulation rank; {ranks}: all ranks; {simulating}: those that simulate.
CASES = {
    # The run file.
    "unknown-key": Case(
        re.compile(r"run.toml:10: unknown key 'lat' in \[surrogate.kinetics\] \(known: .*inputs, .*late, .*\). "
                   r"Did you mean 'late'\?"),
        run_file=changed('late = "wait"', 'lat = "wait"')),
    "unknown-training-key": Case(
        re.compile(r"run.toml:12: unknown key 'bach' in \[training.kinetics\] \(known: batch, .*\). "
                   r"Did you mean 'batch'\?"),
        run_file=changed("batch = 16", "bach = 16")),
    "unknown-model-key": Case(
        re.compile(r"run.toml:8: unknown key 'hiden' in \[surrogate.kinetics.model\] \(known: .*hidden.*\). "
                   r"Did you mean 'hidden'\?"),
        run_file=changed("hidden = [8]", "hiden = [8]")),
    "unknown-optimizer-key": Case(
        re.compile(r"run.toml:13: unknown key 'rat' in \[training.kinetics.optimizer\] .*Did you mean 'rate'\?"),
        run_file=RUN_FILE + "optimizer = { kind = \"adam\", rat = 1e-3 }\n"),
    "unknown-table": Case(
        re.compile(r"run.toml:13: unknown table \[trainig\] \(known: .*surrogate, training, .*\). "
                   r"Did you mean 'training'\?"),
        run_file=RUN_FILE + "[trainig]\nbatch = 1\n"),
    "unknown-model-kind": Case(
        re.compile(r"run.toml:8: unknown kind 'mpl' in \[surrogate.kinetics.model\] \(known: mlp.*\). Did you mean 'mlp'\?"),
        run_file=changed('"mlp"', '"mpl"')),
    "unknown-transport": Case(
        "run.toml:14: unknown kind 'share' in [transport] (known: auto, shared, rma, two_sided). Did you mean 'shared'?",
        run_file=RUN_FILE + '[transport]\nkind = "share"\n'),
    "wrong-type": Case("run.toml:12: batch = \"many\" (must be an integer)",
                       run_file=changed("batch = 16", 'batch = "many"')),
    "tolerance-length": Case(
        "trust tolerance has 2 values (a sample has 1 outputs). Give one value for all, or one for each output.",
        run_file=changed("1e-3", "[1e-3, 1e-3]")),
    "no-tolerance": Case(
        "run.toml: key 'tolerance' is missing in [surrogate.kinetics.trust] (the gate needs the "
        "largest error to be trusted). Write trust = { gate = \"ensemble\", tolerance = 1e-3 }, in the outputs' units.",
        run_file=changed(", tolerance = 1e-3", "")),
    "missing-run-file": Case(
        "cannot read run file 'missing.toml' (No such file or directory). "
        "Give its path as the program's first argument, or start in its folder.", name="missing.toml"),
    "folder-as-run-file": Case(
        "cannot read run file '.' (Is a directory). "
        "Give its path as the program's first argument, or start in its folder.", name="."),
    "not-toml": Case(re.compile(r"run.toml:4: not valid TOML \(column \d+: .*\)"),
                     run_file=changed("{ count = 1 }", "{ count = 1 ")),
    "too-many-ml-ranks": Case(
        "run.toml:4: ml = { ... } (9 ML ranks leave none of {ranks} ranks to simulate). "
        "Start more ranks or ask for fewer ML ranks.",
        run_file=changed("count = 1", "count = 9")),
    "no-run-file": Case(re.compile(r"no run file is given. Usage: \S*bad_simulation RUN_FILE \[--restart FILE\|latest\] \[--replay LOG\]"), name=None, status=2),
    "surrogate-name": Case(
        "rank 0: run.toml has no [surrogate.kinetic] (known: kinetics). Did you mean 'kinetics'?",
        body="surrogate-name"),
    # Fields.
    "sample-shape": Case(
        "channel 'kinetics request', field 'state': rank 0 has shape of a sample (2,), rank {last} has (3,) (they must "
        "be equal). Declare it alike on all ranks.", body="sample-shape"),
    "dimensions": Case(
        "channel 'kinetics request', field 'state': rank 0 has shape of a sample (2,), rank {last} has (2, 1) (they "
        "must be equal). Declare it alike on all ranks.", body="dimensions"),
    "dtype": Case(
        re.compile(r"channel 'kinetics \w+', field '.*advanced': rank 0 has dtype float64, rank {last} has float32 "
                   r"\(they must be equal\). Declare it alike on all ranks."), body="dtype"),
    "no-dimension": Case(
        "field 'state' of surrogate 'kinetics' has no dimension (its first dimension counts samples)",
        body="no-dimension"),
    "sample-count": Case(
        "surrogate 'kinetics' is given 'state' with 8 samples and 'advanced' with 4 (they must be equal)",
        body="sample-count"),
    "later-sample-count": Case(
        "rank {last}: surrogate 'kinetics' is given 'state' with 8 samples and 'advanced' with 4 (they must be equal)",
        body="later-sample-count"),
    "more-samples": Case(
        "rank {last}: surrogate 'kinetics' was opened with field 'state': float64 (8, 2); now it is given 'state': "
        "float64 (9, 2) (name, dtype and sample shape stay, and samples do not grow)", body="more-samples"),
    "later-dtype": Case(
        "rank 0: surrogate 'kinetics' was opened with field 'advanced': float64 (8, 1); now it is given 'advanced': "
        "float32 (8, 1) (name, dtype and sample shape stay, and samples do not grow)", body="later-dtype"),
    "const-output": Case(
        "rank 0: output 'advanced' of surrogate 'kinetics' is made from const data (predict writes it). "
        "Make it from an array that is not const.",
        body="const-output"),
    "field-name": Case(
        "surrogate 'kinetics' is given the inputs 'stat' (run.toml says 'state'). "
        "Give the fields of [surrogate.kinetics] inputs in its order.", body="field-name"),
    "nan-predicted": Case(
        "rank {last}: field 'state' has a not-a-number in sample 3 at step 2 (predict of surrogate 'kinetics') (the "
        "simulation has gone wrong before). Set not_a_number = \"solver\" in [surrogate.kinetics] to leave such "
        "samples to the solver.", body="nan-predicted"),
    "nan-observed": Case(
        "rank {last}: field 'advanced' has a not-a-number in sample 5 at step 2 (observe of surrogate 'kinetics') "
        "(the simulation has gone wrong before). Set not_a_number = \"solver\" in [surrogate.kinetics] to leave such "
        "samples to the solver.", body="nan-observed"),
    "observe-beyond": Case("rank {last}: sample 8 is observed (there are 8)", body="observe-beyond"),
    # Boxes.
    "overlapping-boxes": Case(
        re.compile(r"channel 'boxes', field 'u': the boxes of ranks \d and {last} overlap \(.*\). "
                   r"Each element must have one producer."), body="overlapping-boxes"),
    "incomplete-boxes": Case(
        re.compile(r"channel 'boxes', field 'u': the boxes of all producers cover \d+ of \d+ elements "
                   r"\(global shape .*\). Each element must have one producer, or the channel be declared partial."),
        body="incomplete-boxes"),
    "global-shapes": Case(
        re.compile(r"channel 'boxes', field 'u': rank 0 has global shape \(\d+, 3\), rank {last} has \(\d+, 3\) "
                   r"\(they must be equal\). Declare it alike on all ranks."), body="global-shapes"),
    "box-outside": Case(
        re.compile(r"channel 'boxes', field 'u' of rank {last}: box \[\d+:\d+, 1:4\] of \(\d+, 3\) does not lie inside "
                   r"its global array \(dimension 1 has 3\)"), body="box-outside"),
    "box-shape": Case(
        "channel 'boxes', field 'u' of rank {last}: its shape is (2, 4) and its box counts (2, 3) (they must be equal)",
        body="box-shape"),
    # Bodies that throw.
    "throws": Case("rank {last}: the pump broke", body="throws"),
    "throws-before-opening": Case("rank {last}: the valve stuck", body="throws-before-opening"),
    "throws-together": Case("the pump broke on all ranks", body="throws-together", status=1, aborts=False),
    "throws-apart": Case("the pump broke here and there", body="throws-apart", status=1, aborts=False),
    # While ranks are split anew: a decider's own error holds nobody up.
    "split-decider": Case(
        "the decider of 'pump' failed; it goes on, and this is not said again: the decider broke",
        body="split-decider", run_file=SPLIT + '[steering.pump]\nkind = "breaking"\n', status=0),
    "split-shape": Case(
        "protected field 'all' was float64 (8,) before the ranks were split anew, and is float64 (9,) now (a field "
        "keeps its dtype and its global shape, a batch its number of samples). Protect it as it was.",
        body="split-shape", run_file=SPLIT),
    # Programs.
    "cardan-ml-alone": Case(
        "no rank simulates (all ranks run cardan-ml). Launch the simulation beside it: mpirun -n 2 simulation run.toml "
        ": -n 1 cardan-ml run.toml.", program="cardan-ml"),
    "cardan-ml-unknown-flag": Case(None, program="cardan-ml", arguments=("--fast",)),
    "inner-unwritable": Case(
        re.compile(r"cannot write to the output folder 'file/out' \((Not a directory|.*)\). Give another with --out."),
        program="inner", run_file=INNER, arguments=("--no-ml", "--no-pictures", "--out", "file/out"),
        prepare=regular_file),
    "inner-unwritable-proc": Case(
        re.compile(r"cannot write to the output folder '/proc/cardan/out' \(.*\). Give another with --out."),
        program="inner", run_file=INNER, arguments=("--no-ml", "--no-pictures", "--out", "/proc/cardan/out")),
    "inner-wrong-initial": Case(
        re.compile(r".*initial.h5.*\(12, 16, 3\).*"), program="inner", run_file=INNER, prepare=wrong_initial,
        arguments=("--no-ml", "--no-pictures", "--initial", "initial.h5")),
    "inner-missing-initial": Case(
        re.compile(r".*nowhere.h5.*"), program="inner", run_file=INNER,
        arguments=("--no-ml", "--no-pictures", "--initial", "nowhere.h5")),
    "inner-wrong-grid": Case(
        re.compile(r"(rank 0: )?run.toml:4: nx = -16 \(must be at least 1\)"), program="inner",
        run_file=INNER.replace("nx = 16", "nx = -16"), arguments=("--no-ml", "--no-pictures")),
    "inner-unknown-flag": Case(None, program="inner", arguments=("--gird",)),
    "inner-unknown-flag-beside-ml": Case(None, program="inner", arguments=("--gird",), beside="cardan-ml"),
    # A program that is right, so that the others are wrong for the reason given.
    "none": Case(None, status=0),
    "inner-help": Case(None, program="inner", arguments=("--help",), status=0),
}


def command_of(case, ranks, options, folder):
    programs = {None: options.simulation, "inner": options.bin / "inner", "cardan-ml": options.bin / "cardan-ml"}
    words = [programs[case.program]]
    if case.name is not None:
        words.append(case.name)
    if case.program is None and case.name is not None:
        words.append(case.body)
    words += case.arguments
    if case.beside is None:
        return [*options.mpirun.split(), "-n", ranks, *words]
    return [*options.mpirun.split(), "-n", ranks - 1, *words, ":", "-n", 1, programs[case.beside], case.name]


def check_message(case, result, ranks):
    last = ranks - 2 if case.program is None else ranks - 1
    if case.program is None and "[ranks]" not in case.run_file:
        last = ranks - 1
    says = f"the message is not there once: {case.message}"
    notices = result.notices()
    job.demand(len(notices) == 1, f"{says} ({len(notices)} lines begin with 'cardan: ')", result)
    said = notices[0][len("cardan: "):]
    if isinstance(case.message, re.Pattern):
        pattern = case.message.pattern.replace("{last}", str(last)).replace("{ranks}", str(ranks))
        job.demand(re.fullmatch(pattern, said), says, result)
    else:
        wanted = case.message.replace("{last}", str(last)).replace("{ranks}", str(ranks))
        job.demand(said == wanted, says, result)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mpirun", required=True)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--simulation", type=pathlib.Path, required=True)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("ranks", type=int)
    options = parser.parse_args()
    case = CASES[options.case]

    def work(folder):
        if case.name == "run.toml":
            (folder / case.name).write_text(case.run_file)
        if case.prepare is not None:
            case.prepare(folder)
        command = command_of(case, options.ranks, options, folder)
        result = job.run(command, 30, folder)
        if result.seconds >= SECONDS:
            # A machine that is busy with other things has a second chance; a wait for a deadline has none.
            print(result)
            result = job.run(command, 30, folder)
        print(result)
        job.demand(result.seconds < SECONDS, f"it took longer than {SECONDS} s", result)
        if case.status is None:
            job.demand(result.status != 0, "the status is 0", result)
        else:
            job.demand(result.status == case.status, f"the status is not {case.status}", result)
        if case.message is not None:
            check_message(case, result, options.ranks)
        else:
            job.demand(not result.notices(), "something was said", result)
        if case.aborts is False:
            job.demand("MPI_ABORT" not in result.err, "the job was aborted", result)
        if options.case == "inner-help":
            job.demand(result.out.count("Usage:") == 1, "the help is not printed once", result)
        if "unknown-flag" in options.case:
            flag = case.arguments[0]
            times = (result.out + result.err).count(f"not expected: {flag}")
            job.demand(times == 1, f"the flag {flag} is not told once, but {times} times", result)

    job.main(work)


if __name__ == "__main__":
    main()
