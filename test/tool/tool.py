"""The cardan program on files as runs leave them: tool.py --bin FOLDER TEST

  inspect   tables, JSON, statistics beside numpy's, CSV, pictures, sparklines
  large     an array of 8 GB, little of which is stored, and one of 400 MB, in bounded memory
  diff      what differs, tolerances, and the exit status
  verify    whole and damaged checkpoints
  export    XDMF: well-formed, dimensions, references
  failures  one message and status 2
"""
import argparse
import io
import json
import math
import pathlib
import resource
import subprocess
import sys
import xml.etree.ElementTree

sys.path[:0] = [str(pathlib.Path(__file__).parent.parent / "support"), str(pathlib.Path(__file__).parent)]
import job  # noqa: E402

SKIPPED = 77
try:
    import h5py
    import numpy
    import files
except ImportError:
    print("there is no h5py")
    sys.exit(SKIPPED)


class Tool:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def __call__(self, *words, status=0):
        result = job.run([self.program, *words], 60, self.folder)
        job.demand(result.status == status, f"status {status} was expected", result)
        return result


def strange(path):
    """Not a checkpoint: all kinds of things that HDF5 files have."""
    random = numpy.random.default_rng(5)
    arrays = {"f8": random.normal(size=(30, 40, 5)), "f4": random.normal(size=777).astype("f4"), "big": random.normal(size=9).astype(">f8"),
              "f2": numpy.array([1, 2.5], "f2"), "bool": numpy.array([True, False, True]),
              "scalar": numpy.float64(3.25), "empty": numpy.zeros((0, 4)),
              "gaps": numpy.array([1.5, math.nan, -2, math.inf, math.nan]), "all_nan": numpy.full(4, math.nan)}
    for kind in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"):
        limits = numpy.iinfo(kind)
        arrays[kind] = numpy.array([limits.min, limits.max, 7], kind)
    with h5py.File(path, "w") as file:
        for name, value in arrays.items():
            file.create_dataset(f"group/{name}", data=value)
        file["words"] = ["one", 'a "quoted" one', "three"]
        file["compound"] = numpy.zeros(3, [("a", "f8"), ("b", "i4")])
        file["complex"] = numpy.zeros(3, "c16")
        file["soft"] = h5py.SoftLink("/nowhere")
        file["other"] = h5py.ExternalLink("elsewhere.h5", "/x")
        file["group/again"] = file["group"]
        file["group"].attrs["note"] = "of a group"
        file.create_dataset("chunks", data=numpy.arange(10000.).reshape(100, 100), chunks=(7, 13), compression=1)
    return arrays


def same(one, other, relative=1e-12):
    if isinstance(one, str):
        one = float(one)
    if one is None:
        return bool(numpy.isnan(other))
    return one == other or abs(one - other) <= relative * max(abs(float(other)), 1e-300)


def inspect(tool):
    arrays = strange(tool.folder / "strange.h5")
    text = tool("inspect", "strange.h5").out
    print(text)
    job.demand(all(len(line) <= 100 for line in text.splitlines()), "a line is wider than 100")
    said = {each["path"]: each for each in json.loads(tool("inspect", "--json", "strange.h5").out)["arrays"]}
    for name, value in arrays.items():
        each = said[f"group/{name}"]
        job.demand(tuple(each["shape"]) == numpy.shape(value) and each["bytes"] == numpy.asarray(value).nbytes, f"{each}")
        numbers = numpy.asarray(value).astype("f8") if name in ("f2", "bool") else numpy.asarray(value)
        fine = numbers[~numpy.isnan(numbers)] if numbers.dtype.kind == "f" else numbers
        finite = fine[numpy.isfinite(fine)]
        if fine.size:
            job.demand(same(each["min"], fine.min()) and same(each["max"], fine.max()), f"{name}: {each}")
            job.demand(same(each["mean"], finite.mean(dtype="longdouble"), 1e-12), f"{name}: {each}, {finite.mean()}")
        else:
            job.demand(each["min"] is None and each["mean"] is None, f"{each}")
        job.demand(each["nan"] == numbers.size - fine.size, f"{each}")
    job.demand(said["chunks"]["mean"] == 4999.5 and said["chunks"]["chunk"] == [7, 13], str(said["chunks"]))
    job.demand("min" not in json.loads(tool("inspect", "--json", "--quick", "strange.h5").out)["arrays"][0], "--quick reads")
    job.demand("group/f8" in tool("inspect", "--names", "strange.h5").out.splitlines(), "--names")
    check_csv(tool, arrays)
    check_pictures(tool)
    curve = tool("inspect", "strange.h5", "chunks", "--sparkline").out
    job.demand(curve.split()[0] and "dimension 0" in curve, curve)
    # A checkpoint's head, models and texts.
    files.checkpoint(tool.folder / "run.h5")
    text = tool("inspect", "run.h5").out
    job.demand("checkpoint 3 of step 12" in text and "kinetics        7    11            350" in text, text)
    said = json.loads(tool("inspect", "run.h5", "--json").out)
    job.demand(said["models"]["kinetics"]["version"] == 7 and said["models"]["kinetics"]["hash"] == "ab" * 32, str(said["models"]))
    job.demand(said["attributes"]["format"] == "cardan-checkpoint" and said["attributes"]["step"] == 12, str(said["attributes"]))
    text = tool("inspect", "run.h5", "/fields/state").out
    job.demand('axes      "y x species"' in text and "mean along y" in text and "histogram" in text, text)
    job.demand("seed = 3" in tool("inspect", "run.h5", "run/file").out, "a text")
    part = json.loads(tool("inspect", "run.h5", "fields/state", "--slice", "1:9:2,-1,0", "--json").out)
    state = h5py.File(tool.folder / "run.h5")["fields/state"][1:9:2, -1, 0]
    job.demand(same(part["mean"], state.mean()) and part["count"] == [4, 1, 1], str(part))


def check_csv(tool, arrays):
    for name in ("f8", "f4", "i8", "u8", "i1", "gaps", "scalar", "big"):
        value = numpy.asarray(arrays[name])
        out = tool("inspect", "strange.h5", f"group/{name}", "--csv").out
        read = numpy.loadtxt(io.StringIO(out), delimiter=",", dtype=value.dtype.newbyteorder("="), ndmin=1)
        job.demand(numpy.array_equal(read.reshape(value.shape), value, equal_nan=value.dtype.kind == "f"), f"{name}\n{out}")
    tool("inspect", "strange.h5", "chunks", "--csv", "chunks.csv", "--slice", "5:50,::3")
    read = numpy.loadtxt(tool.folder / "chunks.csv", delimiter=",")
    job.demand(numpy.array_equal(read, numpy.arange(10000.).reshape(100, 100)[5:50, ::3]), "a slice as CSV")
    job.demand('"a ""quoted"" one"' in tool("inspect", "strange.h5", "words", "--csv").out, "texts as CSV")


def check_pictures(tool):
    try:
        from PIL import Image
    except ImportError:
        print("there is no PIL")
        return
    tool("inspect", "strange.h5", "chunks", "--png", "chunks.png")
    picture = Image.open(tool.folder / "chunks.png")
    pixels = numpy.asarray(picture)
    job.demand(pixels.shape == (100, 100, 3), f"{pixels.shape}")
    # Viridis from matplotlib's table: first, middle and last colour.
    for at, colour in (((0, 0), (68, 1, 84)), ((99, 99), (253, 231, 37)), ((50, 0), (33, 145, 140))):
        job.demand(numpy.abs(pixels[at].astype(int) - colour).max() <= 2, f"{at}: {pixels[at]}, not {colour}")
    job.demand("from 0 to 9999" in picture.text["Scale"], str(picture.text))
    with h5py.File(tool.folder / "holes.h5", "w") as file:
        file["a"] = numpy.array([[math.nan, 0.], [1., 2.]])
    tool("inspect", "holes.h5", "a", "--png", "holes.png")
    pixels = numpy.asarray(Image.open(tool.folder / "holes.png"))
    job.demand(tuple(pixels[0, 0]) == (128, 128, 128) and tuple(pixels[0, 1]) == (68, 1, 84), str(pixels))
    said = tool("inspect", "strange.h5", "group/f8", "--png", "x.png", status=2)
    job.demand("two dimensions" in said.err and not (tool.folder / "x.png").exists(), "three dimensions", said)


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


def large(tool):
    with h5py.File(tool.folder / "sparse.h5", "w") as file:
        data = file.create_dataset("a", (1000, 1000, 1000), "f8", chunks=(100, 100, 100))
        data[0, 0, :3] = 1, 2, 3
        data[999, 999, 999] = -5
    with h5py.File(tool.folder / "dense.h5", "w") as file:
        data = file.create_dataset("a", (50, 1000, 1000), "f8")
        for row in range(50):
            data[row] = row
    for name, low, high in (("sparse", -5, 3), ("dense", 0, 49)):
        result = subprocess.run([tool.program, "inspect", "--json", f"{name}.h5", "a"], preexec_fn=limited, check=False,
                                capture_output=True, text=True, cwd=tool.folder, timeout=200)
        job.demand(result.returncode == 0, f"{name}: {result}")
        said = json.loads(result.stdout)
        job.demand(said["min"] == low and said["max"] == high, result.stdout)
    # Its own memory, not only its address space.
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"at most {used / 1024:.0f} MB")
    job.demand(used < 300 * 1024, f"{used} kB were used")
    tool("inspect", "dense.h5", "a", "--slice", "3:5,::100,::100", "--csv")
    tool("diff", "dense.h5", "dense.h5")


def diff(tool):
    files.checkpoint(tool.folder / "a.h5")

    def nudge(arrays):
        arrays["fields/state"][3, 4, 1] += 1e-3
        arrays["fields/state"][20, 0, 0] = math.nan
        arrays["fields/packed"] = arrays["fields/packed"][:, :20]
        arrays["session/seed"] = numpy.int64(3)
        del arrays["session/time"]
    files.checkpoint(tool.folder / "b.h5", step=14, change=nudge)
    job.demand(tool("diff", "a.h5", "a.h5").out == "", "the same file")
    result = tool("diff", "a.h5", "b.h5", status=1)
    print(result.out)
    for words in (("@step", "attribute", "12", "14"), ("fields/packed", "shape", "40", "30"), ("session/seed", "only", "in", "B"),
                  ("session/time", "only", "in", "A"), ("fields/state", "2", "inf", "[3,4,1]"), ("session/step", "1", "2")):
        job.demand(any(all(word in line.split() for word in words) for line in result.out.splitlines()), f"{words}", result)
    job.demand("weights" not in result.out and "checksums" not in result.out, "too much", result)
    # Tolerances and NaN.
    base = numpy.linspace(1, 2, 1000).reshape(10, 100)
    near = base.copy()
    near[4, 5] *= 1 + 1e-6
    for name, value in (("base", base), ("near", near)):
        with h5py.File(tool.folder / f"{name}.h5", "w") as file:
            file["a"] = value
            file["n"] = numpy.array([math.nan, math.inf, -math.inf])
            file["i"] = numpy.array([2**62, 5])
            file["a"].attrs["x"] = value[4, 5]
    tool("diff", "base.h5", "near.h5", status=1)
    tool("diff", "base.h5", "near.h5", "--rtol", "1e-5")
    tool("diff", "base.h5", "near.h5", "--atol", "1e-5")
    tool("diff", "base.h5", "near.h5", "--rtol", "1e-7", status=1)
    tool("diff", "base.h5", "near.h5", "--ignore", "a@*", status=1)
    tool("diff", "base.h5", "near.h5", "--ignore", "/a")
    tool("diff", "a.h5", "b.h5", "--ignore", "fields", "--ignore", "session", "--ignore", "@st?p", "--ignore", "models/*/step")
    with h5py.File(tool.folder / "near.h5", "r+") as file:
        file["a"][...] = base
        file["a"].attrs["x"] = base[4, 5]
        file["i"][0] = 2**62 + 1
    result = tool("diff", "base.h5", "near.h5", status=1)
    job.demand(any(line.split()[0] == "i" and "1" in line.split() for line in result.out.splitlines() if line), "an integer", result)
    with h5py.File(tool.folder / "f4.h5", "w") as file:
        file["a"] = base.astype("f4")
    result = tool("diff", "base.h5", "f4.h5", "--ignore", "[ni]", "--rtol", "1e-3", status=1)
    job.demand("float64 | float32" in result.out and "max abs" not in result.out, "types", result)


def verify(tool):
    for _ in range(2):
        files.checkpoint(tool.folder / "a.h5")
    job.demand("whole" in tool("verify", "a.h5").out, "whole")
    with h5py.File(tool.folder / "a.h5") as file:
        offset = file["fields/state"].id.get_offset() + 1000
        chunk = file["fields/packed"].id.get_chunk_info(1)
    good = (tool.folder / "a.h5").read_bytes()

    def changed(name, at, bit=3):
        data = bytearray(good)
        data[at] ^= 1 << bit
        (tool.folder / name).write_bytes(data)
        return name
    for name, at in (("fields/state", offset), ("fields/packed", chunk.byte_offset + chunk.size // 2)):
        result = tool("verify", changed("b.h5", at), status=1)
        job.demand(f"'{name}' is damaged" in result.out and result.out.count("\n") == 1, "the damaged array is named", result)
    result = tool("verify", "a.h5", "b.h5", "a.h5", status=1)
    job.demand(result.out.count("whole") == 2, "several files", result)
    (tool.folder / "cut.h5").write_bytes(good[:-100])
    tool("verify", "cut.h5", status=1)
    with h5py.File(tool.folder / "a.h5", "r+") as file:
        file["fields/more"] = 1.0
        del file["session/time"]
    result = tool("verify", "a.h5", status=1)
    job.demand("'fields/more' has no checksum" in result.out and "'session/time' is missing" in result.out, "names", result)
    (tool.folder / "a.h5").write_bytes(good)
    with h5py.File(tool.folder / "a.h5", "r+") as file:
        file.attrs["version"] = 2
    job.demand("version 2" in tool("verify", "a.h5", status=2).err, "a later version")
    strange(tool.folder / "strange.h5")
    job.demand("no checkpoint" in tool("verify", "strange.h5", status=1).out, "no checkpoint")
    tool("verify", "nothing.h5", status=2)


def export(tool):
    (tool.folder / "out").mkdir()
    for step in (12, 14):
        files.checkpoint(tool.folder / f"run_{step}.h5", step)
    tool("export", "--xdmf", "run_12.h5")
    tool("export", "--xdmf", "run_14.h5", "run_12.h5", "-o", "out/run.xmf")
    one = xml.etree.ElementTree.parse(tool.folder / "run_12.xmf").getroot()
    many = xml.etree.ElementTree.parse(tool.folder / "out/run.xmf").getroot()
    job.demand(one.get("Version") == "3.0", "the version")
    times = [float(each.get("Value")) for each in many.iter("Time")]
    job.demand(times == [12, 14] and many.find("Domain/Grid").get("CollectionType") == "Temporal", f"{times}")
    seen = set()
    for root, folder in ((one, tool.folder), (many, tool.folder / "out")):
        for grid in root.iter("Grid"):
            if grid.get("GridType") != "Uniform":
                continue
            cells = [int(word) for word in grid.find("Topology").get("Dimensions").split()]
            job.demand(len(grid.findall("Geometry/DataItem")) == 2, "origin and spacing")
            for field in grid.findall("Attribute"):
                item = field.find("DataItem")
                seen.add(field.get("Name"))
                path, name = item.text.split(":")
                with h5py.File(folder / path) as file:
                    data = file[name]
                    shape = [int(word) for word in item.get("Dimensions").split()]
                    job.demand(list(data.shape) == shape and shape[:len(cells)] == cells, f"{name}: {shape}")
                    job.demand(int(item.get("Precision")) == data.dtype.itemsize and item.get("NumberType") == "Float", name)
                    job.demand(field.get("AttributeType") == ("Vector" if len(shape) == 3 else "Scalar"), name)
    job.demand(seen == {"state", "height", "packed"}, str(seen))
    with h5py.File(tool.folder / "cube.h5", "w") as file:
        file["fields/a & b"] = numpy.zeros((4, 5, 6, 2), "i4")
        file["fields/rho"] = numpy.zeros((4, 5, 20))
        file["fields/line"] = numpy.zeros(9)
        file.attrs["time"] = 0.5
    result = tool("export", "--xdmf", "cube.h5", "-o", "-")
    root = xml.etree.ElementTree.fromstring(result.out)
    job.demand({each.get("Name") for each in root.iter("Attribute")} == {"a & b_0", "a & b_1", "rho"}, "components", result)
    slab = root.find(".//DataItem[@ItemType='HyperSlab']")
    job.demand(slab.get("Dimensions") == "4 5 6" and slab[0].text.split() == "0 0 0 0 1 1 1 1 4 5 6 1".split(), "a slab", result)
    job.demand("line" in result.err and next(root.iter("Time")).get("Value") == "0.5", "notes and time", result)


def failures(tool):
    files.checkpoint(tool.folder / "a.h5")
    (tool.folder / "text.h5").write_text("no HDF5" * 100)
    (tool.folder / "folder.h5").mkdir()
    cases = ((("inspect", "nothing.h5"), "No such file"), (("inspect", "text.h5"), "not an HDF5 file"),
             (("inspect", "folder.h5"), "directory"), (("inspect", "a.h5", "fields/stat"), "Did you mean 'fields/state'?"),
             (("inspect", "a.h5", "run/file", "--png", "x.png"), "no numbers"),
             (("inspect", "a.h5", "fields/state", "--slice", "0,0,0,0"), "3 dimensions"),
             (("inspect", "a.h5", "fields/state", "--slice", "24"), "24 indices"),
             (("inspect", "a.h5", "fields/state", "--slice", "x"), "no index"),
             (("inspect", "a.h5", "fields/state", "--csv", "missing/x.csv"), "No such file"),
             (("inspect", "a.h5", "fields/height", "--png", "missing/x.png"), "No such file"),
             (("inspect", "a.h5", "fields/height", "--png", "/dev/full/x"), "Not a directory"),
             (("diff", "a.h5", "nothing.h5"), "No such file"), (("verify", "text.h5"), "not an HDF5 file"),
             (("export", "--xdmf", "a.h5", "-o", "missing/x.xmf"), "No such file"), (("check", "nothing.toml"), "nothing.toml"))
    for words, says in cases:
        result = tool(*words, status=2)
        job.demand(says in result.err and len(result.notices()) == 1 == result.err.count("\n") and not result.out, says, result)
    for words in (("inspect",), ("inspect", "a.h5", "--csv"), ("diff", "a.h5"), ("export", "a.h5"), ("inspect", "a.h5", "--nothing"),
                  ("diff", "a.h5", "a.h5", "--rtol", "-1"), ("diff", "a.h5", "a.h5", "--rtol", "x")):
        tool(*words, status=2)
    for words in ("inspect a.h5", "inspect a.h5 fields/state --csv", "inspect --json a.h5", "verify a.h5", "export --xdmf a.h5 -o -"):
        result = job.run(["sh", "-c", f"'{tool.program}' {words} >/dev/full"], 30, tool.folder)
        job.demand(result.status == 2 and len(result.notices()) == 1, "a full disk", result)
    pipe = job.run(["bash", "-c", f"'{tool.program}' inspect a.h5 fields/state --csv | true; exit ${{PIPESTATUS[0]}}"], 30, tool.folder)
    job.demand(pipe.status in (0, 2) and (pipe.status == 0 or "Broken pipe" in pipe.err), "a broken pipe", pipe)
    job.demand(not list(tool.folder.glob("*.part")), "a part of a file is left")


TESTS = {test.__name__: test for test in (inspect, large, diff, verify, export, failures)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("test", choices=TESTS)
    options = parser.parse_args()
    job.main(lambda folder: TESTS[options.test](Tool(options.bin.resolve() / "cardan", folder)))


if __name__ == "__main__":
    main()
