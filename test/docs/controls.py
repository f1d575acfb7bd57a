"""That test/docs/blocks.py can fail: controls.py [its options] LANGUAGE...

Blocks that are right, and blocks with one thing wrong each, of every language that is tried; also of those that no document
has yet.
"""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import blocks  # noqa: E402
import job  # noqa: E402

FENCE = "```"
CLAIM = "<!-- prelude: test/docs/prelude/claim.cpp -->\n"
# A block with what stands before it, and what is said of it; nothing where it is right.
CASES = (
    ("cpp", CLAIM, "auto claim = channel.claim(step);", ""),
    ("cpp", CLAIM, "auto claim = channel.clam(step);", "x.md:3:"),
    ("cpp", "", "#include <cardan/box.hpp>\nint main() { return 0; }", ""),
    ("cpp", "", "#include <cardan/bax.hpp>\nint main() { return 0; }", "does not compile"),
    ("cpp", "<!-- file: test/install/stranger/main.cpp -->\n", "int main() {}", "is not test/install/stranger/main.cpp"),
    ("cpp", "<!-- part of: test/install/stranger/main.cpp -->\n", "solver.diffuse();\n}", ""),
    ("cpp", "<!-- part of: test/install/stranger/main.cpp -->\n", "solver.diffuse(1);", "is no part of"),
    ("c", "", "#include <mpi.h>\nint main(void) { return MPI_SUCCESS; }", ""),
    ("c", "", "int main(void) { int a[] = {[0] = 1}; return a[0] }", "does not compile"),
    ("fortran", "", "program x\n  use mpi_f08\n  implicit none\n  call MPI_Init()\nend program", ""),
    ("fortran", "", "program x\n  use no_such_module\nend program", "does not compile"),
    ("toml", "", "[surrogate.x]\ninputs = ['a']\noutputs = 'b'\nmodel = { kind = 'fno', modes = 3 }", ""),
    ("toml", "<!-- in: [surrogate.x] -->\n", "model = { kind = 'mine', width = 1, library = 'x.so' }", ""),
    ("toml", "", "[reactor]\nanything = 1\n[service.x]\nkind = 'model'\nmodel = { file = 'a.pt' }", ""),
    ("toml", "", "[run]\nsed = 1", "unknown key 'run.sed'"),
    ("toml", "", "[run]\ndeadline = '3 parsecs'", "is not time"),
    ("toml", "", "[surrogate.x]\nlate = 'never'", "late = 'never' is not"),
    ("toml", "", "[surrogate.x]\nmodel = { kind = 'cnn', modes = 3 }", "modes' of cnn"),
    ("toml", "", "[service.x]\nmodel = { kind = 'cnn', modes = 3 }", "modes' of cnn"),
    ("toml", "", "model = { file = 'a.pt' }", "stands in no table"),
    ("toml", "", "[run\nseed = 1", "no TOML"),
    ("cmake", "", "find_package(cardan REQUIRED)\nadd_executable(a a.cpp)\ntarget_link_libraries(a cardan::cardan)", ""),
    ("cmake", "", "find_package(cardan REQUIRED)\nadd_executable(a a.cpp)\ntarget_link_libraries(a cardan::cardon)",
     "does not configure"),
    ("sh", "", "scripts/run --grid 64   # what a comment says: --nothing", ""),
    ("sh", "", "mpirun -n 2 build/release/bin/inner --compare miniapps/inner/inner.toml : -n 1 build/release/bin/cardan-ml x", ""),
    ("sh", "", "scripts/rum", "there is no scripts/rum"),
    ("sh", "", "scripts/run --grit 64", "has no option --grit"),
    ("sh", "", "mpirun -n 2 build/release/bin/inner --compere", "has no option --compere"),
    ("sh", "", "mpirun -n 2 build/release/bin/outer", "no program build/release/bin/outer"),
    ("sh", "", "mpirun -n 2 build/release/bin/inner miniapps/inner/outer.toml", "there is no miniapps/inner/outer.toml"),
    ("sh", "", "cmake --preset relaese", "there is no preset relaese"),
    ("sh", "", "cmake -S . -B b -DCARDAN_TROCH=ON", "no option CARDAN_TROCH"),
    ("sh", "", "scripts/setup buidl", "no group buidl"),
    ("sh", "", "mpifort $(pkg-config --cflags x) \\\n  a.f90 'in\ntwo lines'", ""),
    ("sh", "", "mpifort $(frobnicate) a.f90", "is neither a script"),
    ("sh", "", "frobnicate", "is neither a script"),
    ("sh", "", "for a in b; do", "is no shell script"),
    ("python", "", "a = (1", "x.md"),
)


def work(options, folder):
    tried = 0
    for language, before, text, says in CASES:
        if language not in options.languages or (language == "fortran" and shutil.which("gfortran") is None):
            continue
        document = f"{before}{FENCE}{language}\n{text}\n{FENCE}\n"
        found = list(blocks.BLOCK.finditer(document))
        job.demand(len(found) == 1, f"one block in\n{document}")
        said = ""
        try:
            blocks.attempt(blocks.Block("x.md", found[0]), options, folder)
        except job.Failure as failure:
            said = str(failure)
        job.demand(says in said if says else not said, f"of this block '{says}' should be said:\n{document}\n{said}")
        tried += 1
    print(f"{tried} blocks were judged rightly")


if __name__ == "__main__":
    chosen = blocks.arguments()
    job.main(lambda folder: work(chosen, folder))
