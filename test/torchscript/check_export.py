"""Models that Cardan trained and exported, against PyTorch: check_export.py TEST_PROGRAM [CASE]. Lets the program train
and write them, and evaluates them with PyTorch on the same inputs."""
import collections
import os
import pathlib
import subprocess
import sys
import tempfile

# What tells ctest that there was nothing to test with (SKIP_RETURN_CODE).
SKIPPED = 77
TOLERANCE = 1e-6


def difference(answer, expected):
    """The largest difference, as a share of the largest value of its number in any sample."""
    off = (answer.double() - expected).abs().amax(0) / expected.abs().amax(0).clamp_min(1e-300)
    return off.max().item()


def features(folder, kind):
    lines = [line.split() for line in (folder / "signature").read_text().splitlines()]
    return [(words[1], [int(word) for word in words[2:]]) for words in lines if words[0] == kind]


def numbers(folder, name):
    data = torch.frombuffer(bytearray((folder / name).read_bytes()), dtype=torch.float64)
    return data.reshape(24, -1)


def split(rows, parts):
    """Rows of numbers as a tensor for each feature, float64."""
    first = 0
    for _, shape in parts:
        count = torch.Size(shape).numel()
        yield rows[:, first:first + count].reshape([len(rows), *shape])
        first += count


def check(answers, expected, parts, dtypes, what):
    answers = list(answers) if isinstance(answers, tuple) else [answers]
    assert len(answers) == len(parts), what
    worst = 0.0
    for answer, wanted, dtype in zip(answers, split(expected, parts), dtypes):
        assert answer.dtype == dtype and answer.shape == wanted.shape, (what, answer.dtype, answer.shape)
        worst = max(worst, difference(answer, wanted))
    return worst


def check_case(folder, worst):
    inputs, outputs = features(folder, "input"), features(folder, "output")
    kind = folder.name.split("_", 1)[1]
    x = [part.to(getattr(torch, dtype)) for part, (dtype, _) in zip(split(numbers(folder, "x.bin"), inputs), inputs)]
    dtypes = [getattr(torch, dtype) for dtype, _ in outputs]
    for name in ("learner.pt", "model.pt"):
        net = torch.jit.load(str(folder / name)).eval()
        own = sum(p.numel() * p.element_size() for p in net.parameters())
        assert 0 < own and (folder / name).stat().st_size < 4 * own + 100_000, (folder.name, "memory of others")
        with torch.no_grad():
            answers = net(*x)
            off = check(answers, numbers(folder, "y.bin"), outputs, dtypes, folder.name)
            worst[kind]["outputs"] = max(worst[kind]["outputs"], off)
            alone = net(*[part[:1] for part in x])
            alone = alone if isinstance(alone, tuple) else (alone,)
            assert [one.shape for one in alone] == [torch.Size([1, *shape]) for _, shape in outputs], folder.name
            assert hasattr(net, "spread") == (folder / "spread.bin").exists(), folder.name
            if hasattr(net, "spread"):
                off = check(net.spread(*x), numbers(folder, "spread.bin"), outputs, [torch.float64] * len(outputs),
                            folder.name)
                worst[kind]["spread"] = max(worst[kind]["spread"], off)


def main():
    with tempfile.TemporaryDirectory(prefix="cardan-test-") as folder:
        os.environ["CARDAN_TEST_CASES"] = folder
        done = subprocess.run(sys.argv[1:], check=False)
        if done.returncode != 0:
            sys.exit(f"failed with status {done.returncode}: {' '.join(sys.argv[1:])}")
        worst = collections.defaultdict(lambda: {"outputs": 0.0, "spread": 0.0})
        cases = sorted(case.parent for case in pathlib.Path(folder).glob("*/signature"))
        for case in cases:
            check_case(case, worst)
    for kind, off in sorted(worst.items()):
        print(f"{kind:32} outputs {off['outputs']:.1e} spread {off['spread']:.1e}")
    largest = max(max(off.values()) for off in worst.values())
    print(f"{len(cases)} models: largest difference {largest:.1e}")
    if len(cases) < 150 or not largest <= TOLERANCE:
        sys.exit("exported models answer something else than in Cardan")


if __name__ == "__main__":
    try:
        import torch
    except ImportError as missing:
        print(f"skipped: there is no PyTorch for {sys.executable} ({missing}); install python3-torch")
        sys.exit(SKIPPED)
    main()
