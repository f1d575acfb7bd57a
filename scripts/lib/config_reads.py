"""Finds what C++ sources read from a `cardan::Config`, by the house's way of writing; used by keys.py."""
import dataclasses
import re

FOLDERS = ("lib/session", "lib", "couplers", "surrogates")
# The reader itself and its C interface, whose functions take any key.
LEFT_OUT = ("lib/config/", "lib/c/", "lib/session/check.cpp", "surrogates/alone/")
# What parameters of these names are, where no comment says another thing.
USUAL = {"model": "surrogate.NAME.model", "training": "training.NAME"}

KEY = r'"\w+"|[A-Za-z_][\w.]*'
CHAIN = rf"(?:\w+\.)?\b\w+(?:\([^()]*\))?(?:\s*\.table\((?:{KEY})\))*"
READ = re.compile(rf"(?P<config>{CHAIN})\s*\.(?:get<(?P<type>[\w:<>()]+?)>|(?P<method>choice|has|ask|ask_all|table))"
                  rf"(?P<open>\()\s*(?P<key>{KEY})(?=[,)])", re.S)
# The same, however it is written: what READ does not know is an error.
ANY_READ = re.compile(r'(?:\.|->)(?:get<[\w:<>()]+>|choice|has|ask|ask_all)\(\s*(?="\w+"\s*[,)])')
# What a variable is. A state has functions of the same names, which read no run file.
DECLARED = r"\b(?P<type>Config|State)\b[ &]+{name}\b"
COMMENT = re.compile(r"(?:^[ \t]*//= .*\n)+", re.M)
HELPER = re.compile(r"(?:\bauto (?P<lambda>\w+) = \[&?\]\s*|\b(?P<name>\w+))"
                    r"\((?P<parameters>[^()]*(?:const char\*|const std::string&) key\b[^()]*)\)\s*\{")
LITERAL = re.compile(r'"[^"]*"|(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.])')


class Problems:
    def __init__(self):
        self.all = []

    def add(self, problem, remedy=""):
        self.all.append(f"{problem}. {remedy}".strip() if remedy else problem)


@dataclasses.dataclass
class Read:
    """One call that reads a key: where, of which table, as what, and with which default."""
    place: str
    offset: int
    path: str
    kinds: tuple
    method: str
    type: str
    choices: list
    defaults: list
    required: bool
    resolved: str
    comment: str = ""


def literals(text):
    return LITERAL.findall(text)


def arguments(text, start):
    """The arguments of a call whose first parenthesis is at `start`."""
    words, depth, word, quoted = [], 0, "", False
    for at in range(start, len(text)):
        letter = text[at]
        quoted ^= letter == '"'
        if not quoted and letter in "([{":
            depth += 1
            if depth == 1:
                continue
        if not quoted and letter in ")]}":
            depth -= 1
            if depth == 0:
                return words + ([" ".join(word.split())] if word.strip() else [])
        if letter == "," and depth == 1 and not quoted:
            words.append(" ".join(word.split()))
            word = ""
        else:
            word += letter
    return words


def block(text, start):
    """What stands between the brace before `start` and its partner."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[start:at]
    return text[start:]


class Source:
    def __init__(self, root, path):
        self.name = str(path.relative_to(root))
        self.text = path.read_text()
        self.comments, self.anchors = [], []
        for found in COMMENT.finditer(self.text):
            said = " ".join(line.strip()[4:] for line in found.group(0).splitlines())
            if anchor := re.fullmatch(r"\[([\w.]+)\](?: ([\w, ]+))?", said):
                self.anchors.append((found.end(), anchor.group(1), anchor.group(2) or ""))
            else:
                self.comments.append((found.start(), found.end(), said))
        ends = [found.end() for found in re.finditer(r"^\}(?!  // namespace)", self.text, re.M)]
        self.regions = list(zip([0, *ends], [*ends, len(self.text)]))

    def place(self, offset):
        return f"{self.name}:{self.text.count(chr(10), 0, offset) + 1}"

    def region(self, offset):
        return next(pair for pair in self.regions if pair[0] <= offset < pair[1])

    def anchor(self, offset):
        begin = self.region(offset)[0]
        return next((anchor for anchor in reversed(self.anchors) if begin <= anchor[0] <= offset), None)

    def function(self, anchor):
        """Name and parameters of the function below an anchor."""
        found = re.compile(r"\b(\w+)\(([^()]*)\)").search(self.text, anchor[0])
        return found.group(1), [re.split(r"[ &*]", word.strip())[-1] for word in found.group(2).split(",")]


class Scanner:
    def __init__(self, root, problems):
        self.root, self.problems = root, problems
        paths = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.?pp"))]
        paths = [path for path in dict.fromkeys(paths)
                 if not str(path.relative_to(root)).startswith(LEFT_OUT)]
        self.sources = [Source(root, path) for path in paths]
        self.helpers = [helper for source in self.sources for helper in self.helpers_of(source)]
        self.structs = {}
        for path in [path for folder in FOLDERS for path in (root / folder).rglob("*.hpp")]:
            for struct in re.finditer(r"\bstruct (\w+) \{", path.read_text()):
                body = block(path.read_text(), struct.end())
                members = re.finditer(r"^\s*([\w:<>]+) (\w+)(?: = ([^;]+))?;", body, re.M)
                self.structs.setdefault((struct.group(1), str(path.relative_to(root))),
                                        {m.group(2): (m.group(1), m.group(3)) for m in members})

    def helpers_of(self, source):
        """Functions that read whatever key their caller names."""
        for found in HELPER.finditer(source.text):
            body = block(source.text, found.end())
            read = re.search(r"(\w+)\.(?:get<([\w:<>()]+?)>|(has|ask))\(key\b(, )?", body)
            if not read:
                continue
            names = [re.split(r"[ &*]", word.strip())[-1] for word in found.group("parameters").split(",")]
            local = source.region(found.start()) if found.group("lambda") else None
            yield {"name": found.group("lambda") or found.group("name"), "source": source, "region": local,
                   "config": names.index(read.group(1)) if read.group(1) in names else read.group(1),
                   "key": names.index("key"), "type": read.group(2) or "", "method": read.group(3) or "get",
                   "fallback": names.index("fallback") if "fallback" in names and read.group(4) else None,
                   "span": (found.start(), found.end() + len(body)), "body": body}

    def path(self, source, offset, config):
        """The table that an expression stands for, and the kinds of model that have it."""
        config = re.sub(r"\s+", "", config)
        base, *tables = config.split(".table(")
        tables = [word.rstrip(")").strip('"') if word.startswith('"') else "NAME" for word in tables]
        base = base if "(" in base else base.split(".")[-1]
        begin, _ = source.region(offset)
        kinds = ""
        if not re.fullmatch(r"\w+(\([^()]*\))?", base):
            return None, ()
        if base == "run_file":
            prefix = []
        elif call := re.fullmatch(r"(\w+)\(.*\)", base):
            body = re.search(rf"\bConfig {call.group(1)}\([^)]*\)\s*\{{\s*return ([^;]+);", source.text)
            if not body:
                return None, ()
            inner, kinds = self.path(source, body.start(1), body.group(1))
            prefix = [inner] if inner else []
        else:
            variables = list(re.finditer(rf"\bConfig {base} = ([^;]+);", source.text[begin:offset]))
            anchor = source.anchor(offset)
            if variables:
                inner, kinds = self.path(source, begin + variables[-1].start(), variables[-1].group(1))
                if inner is None:
                    return None, ()
                prefix = [inner] if inner else []
            elif anchor:
                prefix, kinds = [anchor[1]], self.kinds(source, anchor)
            elif base in USUAL:
                prefix = [USUAL[base]]
            else:
                return None, ()
        return ".".join([*prefix, *tables]), kinds or ()

    def is_state(self, source, offset, config):
        """Whether what is read there is a `cardan::State`, by the last declaration above."""
        name = re.match(r"\w*", config).group(0)
        above = source.text[source.region(offset)[0]:offset]
        found = list(re.finditer(DECLARED.format(name=name), above)) if name else []
        return bool(found) and found[-1].group("type") == "State"

    def callers(self, name):
        for source in self.sources:
            for call in re.finditer(rf"\b{name}\(", source.text):
                anchor = source.anchor(call.start())
                if anchor and source.function(anchor)[0] != name:
                    yield source, anchor, arguments(source.text, call.end() - 1)

    def kinds(self, source, anchor):
        if anchor[2] != "callers":
            return tuple(anchor[2].replace(" ", "").split(",")) if anchor[2] else ()
        name = source.function(anchor)[0]
        found = [kind for where, other, _ in self.callers(name) for kind in self.kinds(where, other)]
        if not found:
            self.problems.add(f"{source.place(anchor[0])}: no function with a kind of model calls {name}")
        return tuple(dict.fromkeys(sorted(found)))

    def default(self, source, offset, value):
        """Pairs of kinds and the C++ text of a default; and the member's type, where it is one."""
        begin, _ = source.region(offset)
        if wrapped := re.fullmatch(r"Seconds\{([\w.]+)\}", value):
            pairs, _ = self.default(source, offset, wrapped.group(1))
            return [(kinds, f"Seconds{{{inner}}}") for kinds, inner in pairs], "Seconds"
        if member := re.fullmatch(r"(\w+)\.(\w+)", value):
            declared = re.findall(rf"\b(\w+) {member.group(1)}[;{{]", source.text[begin:offset])
            known = [(file, members) for (struct, file), members in self.structs.items()
                     if declared and struct == declared[-1] and member.group(2) in members]
            # Structs of one name: the one in a header that the source includes.
            own = ([pair for pair in known if f'"{pair[0]}"' in source.text]
                   or [pair for pair in known if pair[0].split("/")[-1] in source.text] or known)
            if own:
                type_name, initial = own[0][1][member.group(2)]
                return [((), initial or ('""' if type_name == "std::string" else "{}"))], type_name
        anchor = source.anchor(offset)
        if anchor and anchor[2] == "callers" and value in source.function(anchor)[1]:
            name, names = source.function(anchor)
            given = [(self.kinds(where, other), words[names.index(value)])
                     for where, other, words in self.callers(name) if len(words) > names.index(value)]
            return given, ""
        return [((), value)], ""

    def resolved(self, source, offset, value):
        """A computed default with the arrays that it takes its values from."""
        text = source.text[source.region(offset)[0]:offset]
        for array in re.findall(r"\b(\w+)\[", value):
            if found := re.search(rf"\b{array}\[\] = \{{([^}}]*)\}}", text):
                value += " " + found.group(1)
        return value

    def add(self, source, reads, offset, config, key, method, type_name, words):
        path, kinds = self.path(source, offset, config)
        if path is None:
            self.problems.add(f"{source.place(offset)}: which table '{config}' is, where {key} is read, is not clear",
                              "Write //= [TABLE] before the function.")
            return
        fallback = words[-1] if len(words) > 1 else None
        defaults, found = self.default(source, offset, fallback) if fallback else ([], "")
        choices = []
        if method == "choice" and words[1].startswith("{"):
            choices = literals(words[1])
        if "decltype" in type_name:
            type_name = found
        type_name = "std::string" if method == "choice" else type_name
        reads.append(Read(source.place(offset), offset, f"{path}.{key}" if path else key, kinds, method, type_name,
                          choices, defaults, method == "get" and not fallback,
                          self.resolved(source, offset, fallback or "")))

    def reads_of(self, source):
        reads = []
        all_reads = list(READ.finditer(source.text))
        known = {found.start("key") for found in all_reads}
        for found in ANY_READ.finditer(source.text):
            if found.end() not in known:
                self.problems.add(f"{source.place(found.start())}: how this reads a key is not known here",
                                  "Read from a variable, or from a table of one.")
        for found in all_reads:
            if self.is_state(source, found.start(), found.group("config")):
                continue
            # Each table of a chain is read too.
            config, offset = found.group("config"), found.start("key")
            while table := re.fullmatch(r'(.*?)\s*\.table\(("\w+"|[\w.]+)\)', config, re.S):
                config, name = table.groups()
                if name.startswith('"'):
                    self.add(source, reads, found.start(), config, name.strip('"'), "table", "", [])
            key, method = found.group("key"), found.group("method") or "get"
            words = arguments(source.text, found.start("open"))
            if key.startswith('"'):
                self.add(source, reads, offset, found.group("config"), key.strip('"'), method, found.group("type") or "",
                         words)
            elif method != "table" and not any(helper["source"] is source and
                                               helper["span"][0] <= offset < helper["span"][1]
                                               for helper in self.helpers):
                before = source.text[source.region(offset)[0]:offset]
                loop = re.search(rf"for \(const char\* {key} : \{{([^}}]*)\}}\)[^;]*$", before)
                for word in literals(loop.group(1)) if loop else ():
                    self.add(source, reads, offset, found.group("config"), word.strip('"'), method, "", [])
                if not loop and not (method == "has" and key == "name"):
                    self.problems.add(f"{source.place(offset)}: which keys '{key}' stands for is not clear",
                                      "Read keys by name, or in a function whose parameter is called 'key'.")
        for helper in self.helpers:
            if helper["region"] and helper["source"] is not source:
                continue
            for call in re.finditer(rf"\b{helper['name']}\(", source.text):
                words = arguments(source.text, call.end() - 1)
                if helper["region"] and helper["region"] != source.region(call.start()) or \
                        len(words) <= helper["key"] or not words[helper["key"]].startswith('"'):
                    continue
                config = words[helper["config"]] if isinstance(helper["config"], int) else helper["config"]
                place = helper["fallback"]
                fallback = [words[place]] if place is not None and place < len(words) else []
                if fallback and "Seconds{fallback}" in helper["body"]:
                    fallback = [f"Seconds{{{fallback[0]}}}"]
                self.add(source, reads, call.end(), config, words[helper["key"]].strip('"'), helper["method"],
                         helper["type"], ["key", *fallback])
        reads.sort(key=lambda read: read.offset)
        for begin, end, said in source.comments:
            read = next((read for read in reads if read.offset >= end), None)
            lines = source.text.count("\n", end, read.offset) if read else 9
            if lines > 3 or read.comment:
                self.problems.add(f"{source.place(begin)}: nothing is read of what '{said}' describes")
            else:
                read.comment = said
        return reads


def scan(root, problems):
    """All reads, in the order of files and lines."""
    scanner = Scanner(root, problems)
    return [read for source in scanner.sources for read in scanner.reads_of(source)]
