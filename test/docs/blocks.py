"""Code blocks of the documents: blocks.py [options] LANGUAGE...

Every fenced block of README.md, CONTRIBUTING.md, docs/*.md, README.md in miniapps/* and examples/*, and bench/README.md is tried by its language:

  cpp, c, fortran   compiled (-fsyntax-only); C++17 where it includes cardan/torch.hpp
  toml              parsed as a run file, whose keys, forms and choices are those of the run file's reference
  cmake             configured, against an installed Cardan
  sh                `bash -n`; scripts, programs, presets, files and long options that it names are there
  python            parsed

A comment before a block, which readers do not see, says how where the block is not whole:

  <!-- prelude: test/docs/prelude/x.cpp -->   the block stands at the line `// The block.` (`! The block.`) of that file
  <!-- file: PATH -->      the block is that file, which is also built and run by a test
  <!-- part of: PATH -->   the block is lines of that file, however far they are indented there
  <!-- in: [surrogate.x] -->   toml: the block stands in that table
  <!-- not tried: REASON -->   nothing is done, for a reason
"""
import argparse
import ast
import pathlib
import re
import shutil
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE.parent / "support"), str(ROOT / "scripts/lib"), str(HERE)]
import job  # noqa: E402
import commands  # noqa: E402
import run_files  # noqa: E402

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/*.md", "miniapps/*/README.md", "examples/*/README.md",
             "bench/README.md")
BLOCK = re.compile(r"(?:^<!-- (?P<how>prelude|file|part of|in|not tried): (?P<what>[^\n]*) -->\n)?"
                   r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.M | re.S)
HERE_LINE = re.compile(r"^ *(//|!) The block\.$", re.M)
PLAIN = ("", "text")


class Block:
    def __init__(self, file, found):
        self.file = file
        self.line = found.string.count("\n", 0, found.start("text")) + 1
        self.language, self.how, self.what = found.group("language"), found.group("how"), found.group("what")
        self.text = textwrap.dedent(found.group("text")) if found.group("indent") else found.group("text")

    def __str__(self):
        return f"{self.file}:{self.line} ({self.language})"

    def whole(self, mark):
        """The block in its prelude, with lines numbered as in the document."""
        if self.how != "prelude":
            return mark.format(line=self.line, file=self.file) + self.text
        prelude = (ROOT / self.what).read_text()
        job.demand(HERE_LINE.search(prelude), f"{self}: {self.what} has no line '// The block.'")
        before, after = prelude[:HERE_LINE.search(prelude).start()], prelude[HERE_LINE.search(prelude).end():]
        return before + mark.format(line=self.line, file=self.file) + self.text + after


def blocks():
    """All of the documents."""
    return [Block(path.relative_to(ROOT), found) for pattern in DOCUMENTS for path in sorted(ROOT.glob(pattern))
            for found in BLOCK.finditer(path.read_text())]


def attempt(block, options, folder):
    """Throws job.Failure where a block is not right."""
    if block.how in ("file", "part of"):
        compare(block)
    TRIALS[block.language](block, options, folder)


def compare(block):
    """A block that is a file, or part of one."""
    text = (ROOT / block.what).read_text()
    if block.how == "file":
        job.demand(text == block.text, f"{block} is not {block.what}")
    else:
        lines = [line.strip() for line in text.splitlines()]
        wanted = [line.strip() for line in block.text.splitlines()]
        job.demand(any(lines[at:at + len(wanted)] == wanted for at in range(len(lines))),
                   f"{block} is no part of {block.what}")


def compile_cpp(block, options, folder):
    if block.how == "part of":
        return
    torch = "cardan/torch.hpp" in block.text
    if torch and not options.torch:
        print(f"{block}: left out, for there is no Torch")
        return
    source = folder / "block.cpp"
    source.write_text(block.whole('#line {line} "{file}"\n'))
    others = [f"-I{(ROOT / block.what).parent}"] if block.how == "file" else []
    words = [options.compiler, "-std=c++17" if torch else "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
             "-Wno-unused-variable", "-DOMPI_SKIP_MPICXX=1", *others, *include(options.includes), *(include(options.torch) if torch else ())]
    compiled(block, [*words, source])


def compile_c(block, options, folder):
    if block.how == "part of":
        return
    source = folder / "block.c"
    source.write_text(block.whole('#line {line} "{file}"\n'))
    compiled(block, [options.c_compiler, "-std=c11", "-pedantic", "-fsyntax-only", "-Wall", "-Wextra", "-Werror",
                     *include(options.includes), source])


def compile_fortran(block, options, folder):
    if block.how == "part of":
        return
    compiler = options.fortran_compiler or shutil.which("gfortran")
    if not compiler:
        print(f"{block}: left out, for there is no gfortran")
        return
    if not options.fortran_includes and (wrapper := shutil.which("mpifort")):
        options.fortran_includes = ":".join(word[2:] for word in job.run([wrapper, "--showme:compile"], 10, ROOT).out.split()
                                            if word.startswith("-I"))
    words = [compiler, "-std=f2018", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", f"-J{folder}",
             *(f"-I{path}" for path in options.fortran_includes.split(":") if path)]
    if not (folder / ".modules").exists():
        modules(block, words, sorted((ROOT / "lib/fortran").glob("*.f90")), folder)
        (folder / ".modules").touch()
    if block.how == "file":
        path = ROOT / block.what
        modules(block, words, [other for other in sorted(path.parent.glob("*.f90"))
                               if re.match(r"(!.*\n)*module ", other.read_text())], folder)
    source = folder / "block.f90"
    source.write_text(block.whole(""))
    compiled(block, [*words, source])


def modules(block, words, left, folder):
    """What a block uses, each as soon as those that it uses are there."""
    words = [word for word in words if word != "-Werror"]
    while left:
        done = [path for path in left if job.run([*words, path], 60, folder).status == 0]
        job.demand(done, f"{block}: these do not compile: {', '.join(path.name for path in left)}")
        left = [path for path in left if path not in done]


def include(paths):
    # /usr/include itself is searched anyway, and must not come before the compiler's own folders.
    return [word for path in paths.split(":") if path not in ("", "/usr/include") for word in ("-isystem", path)]


def compiled(block, words):
    result = job.run(words, 120, ROOT)
    job.demand(result.status == 0, f"{block} does not compile", result)


def configure(block, options, folder):
    if "COMPONENTS torch" in block.text and not options.torch:
        print(f"{block}: left out, for there is no Torch")
        return
    prefix = folder / "prefix"
    if not prefix.exists():
        result = job.run([options.cmake, "--install", options.build, "--prefix", prefix], 120, folder)
        job.demand(result.status == 0, "Cardan is not installed", result)
    project = folder / "project"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    for name in re.findall(r"[\w.]+\.(?:cpp|c|f90)\b", block.text):
        (project / name).touch()
    languages = "C CXX Fortran" if ".f90" in block.text else "C CXX"
    begin = "" if "project(" in block.text else f"cmake_minimum_required(VERSION 3.25)\nproject(block LANGUAGES {languages})\n"
    (project / "CMakeLists.txt").write_text(begin + block.text)
    result = job.run([options.cmake, "-S", project, "-B", project / "build", "-G", "Ninja",
                      f"-DCMAKE_PREFIX_PATH={prefix}"], 120, folder)
    job.demand(result.status == 0, f"{block} does not configure", result)


def run_file(block, options, folder):
    wrong = run_files.check((block.what + "\n" if block.how == "in" else "") + block.text)
    job.demand(not wrong, f"{block}: {'; '.join(wrong)}")


def shell(block, options, folder):
    (folder / "block.sh").write_text(block.text)
    result = job.run(["bash", "-n", folder / "block.sh"], 10, ROOT)
    job.demand(result.status == 0, f"{block} is no shell script", result)
    wrong = commands.check(block.text)
    job.demand(not wrong, f"{block}: {'; '.join(wrong)}")


def python(block, options, folder):
    try:
        ast.parse(block.text)
    except SyntaxError as error:
        raise job.Failure(f"{block}: {error}") from error


TRIALS = {"cpp": compile_cpp, "c": compile_c, "fortran": compile_fortran, "cmake": configure, "toml": run_file,
          "sh": shell, "python": python}


def work(options, folder):
    failures, tried = [], 0
    for block in blocks():
        if block.language in PLAIN:
            continue
        if block.language not in TRIALS:
            failures.append(f"{block}: nobody knows how to try this language")
        if block.language not in options.languages:
            continue
        if block.how == "not tried":
            print(f"{block}: not tried, for {block.what}")
            continue
        try:
            attempt(block, options, folder)
            tried += 1
        except (job.Failure, OSError) as failure:
            failures.append(str(failure))
    print(f"{tried} blocks of {', '.join(options.languages)} were tried")
    job.demand(not failures, "\n".join(failures))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--build", type=pathlib.Path, help="the build to install from")
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--c-compiler", default="cc")
    parser.add_argument("--fortran-compiler", default="")
    parser.add_argument("--includes", default="", help="include folders, with colons between them")
    parser.add_argument("--torch", default="", help="LibTorch's")
    parser.add_argument("--fortran-includes", default="", help="those with MPI's modules")
    parser.add_argument("languages", nargs="+", choices=TRIALS)
    return parser.parse_args()


if __name__ == "__main__":
    chosen = arguments()
    job.main(lambda folder: work(chosen, folder))
