"""Does a shell block name scripts, programs, presets, files and long options that are there?"""
import json
import pathlib
import re
import shlex

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Scripts that pass arguments on, and where those are read.
PASSED = {"scripts/run": ("miniapps/**/*.cpp",), "scripts/bench": ("bench/*.cpp", "bench/*.hpp"),
          "scripts/two-hosts": ("scripts/lib/*",), "scripts/transport-matrix": ("scripts/lib/*",)}
# Tools whose options are their own.
TOOLS = ("cmake", "ctest", "mpirun", "sed", "echo", "export", "cd", "cp", "mkdir", "cat", "python3", "ldd", "apt-get",
         "g++", "pkg-config", "mpicc", "mpicxx", "mpifort")
KEYWORDS = ("for", "do", "done", "if", "then", "else", "fi", "in", "while", "time")


def programs():
    """Executables of the build, and the sources of each."""
    found = {}
    for path in [*ROOT.glob("*/CMakeLists.txt"), *ROOT.glob("*/*/CMakeLists.txt")]:
        for name in re.findall(r"add_executable\(([\w-]+)", path.read_text()):
            found[name] = path.parent
    # The program of many parts, each in a file.
    found["cardan"] = ROOT / "lib/tool"
    return found


def logical_lines(text):
    """Lines, with those that a backslash or a quotation goes on over in one."""
    line = ""
    for part in text.replace("\\\n", " ").splitlines():
        line += part
        try:
            shlex.split(line, comments=True)
        except ValueError:
            line += " "
            continue
        yield line
        line = ""


def simple_commands(text):
    """Lists of words, one for each command of each line."""
    for line in logical_lines(text):
        # What is substituted by a command's output.
        for inner in re.findall(r"\$\(([^()]*)\)", line):
            yield from simple_commands(inner)
        line = re.sub(r"\$\([^()]*\)", "", line)
        lexer = shlex.shlex(line, posix=True, punctuation_chars=";|&()")
        lexer.whitespace_split, lexer.commenters = True, "#"
        words = []
        for word in [*lexer, ";"]:
            if re.fullmatch(r"[;|&():]+", word):
                if words:
                    yield words
                # mpirun -n 2 ONE : -n 1 OTHER
                words = ["mpirun"] if word == ":" else []
            else:
                words.append(word)


def options_of(name):
    """The text in which the long options of a program have to stand; none where any is right."""
    if name.startswith("scripts/"):
        files = [ROOT / name, *(path for pattern in PASSED.get(name, ()) for path in ROOT.glob(pattern))]
    elif pathlib.Path(name).name in programs():
        folder = programs()[pathlib.Path(name).name]
        files = [*folder.glob("*.?pp"), *(ROOT / "miniapps/support").glob("*.?pp")]
    else:
        return None
    return "\n".join(path.read_text() for path in files if path.is_file())


def check_command(words):
    wrong = []
    while words and (words[0] in KEYWORDS or re.match(r"\w+=", words[0])):
        if words[0] == "for":
            return []
        words = words[1:]
    if not words:
        return []
    name = words[0]
    if name.startswith("scripts/") or name.startswith(".ci/"):
        if not (ROOT / name).is_file():
            return [f"there is no {name}"]
    elif name.startswith("build/release/bin/"):
        if pathlib.Path(name).name not in programs():
            return [f"no program {name} is built"]
    elif name not in TOOLS and not name.startswith(("./", "build/")):
        return [f"'{name}' is neither a script, nor a program of the build, nor a tool known to test/docs/commands.py"]
    text = options_of(name)
    if text is not None:
        # What comes after a program that a script is given is not the script's.
        for word in words[1:]:
            option = word.split("=")[0]
            if re.fullmatch(r"--[a-z][\w-]*", option) and option not in text:
                wrong.append(f"{name} has no option {option}")
        if name == "scripts/setup":
            wrong += [f"scripts/setup has no group {word}" for word in words[1:] if f"[{word}]=" not in text]
    for before, word in zip(words, words[1:]):
        if before == "--preset" and word not in presets():
            wrong.append(f"there is no preset {word}")
        if word.startswith("build/release/bin/") and pathlib.Path(word).name not in programs():
            wrong.append(f"no program {word} is built")
        elif re.match(r"(lib|docs|bench|miniapps|surrogates|couplers|scripts|test|include)/", word) and \
                not (ROOT / word).exists():
            wrong.append(f"there is no {word}")
        if option := re.match(r"-D(CARDAN_\w+)", word):
            if not any(option.group(1) in path.read_text() for path in [ROOT / "CMakeLists.txt", *ROOT.glob("cmake/*.cmake")]):
                wrong.append(f"no option {option.group(1)} in CMakeLists.txt")
    # mpirun -n 2 PROGRAM --option
    at = next((index for index, word in enumerate(words) if word.startswith("build/release/bin/")), 0)
    if name == "mpirun" and at:
        wrong += check_command(words[at:])
    return wrong


def presets():
    named = json.loads((ROOT / "CMakePresets.json").read_text())
    return {preset["name"] for kind in ("configurePresets", "buildPresets", "testPresets") for preset in named.get(kind, [])}


def check(text):
    return list(dict.fromkeys(problem for words in simple_commands(text) for problem in check_command(words)))
