"""What Cardan trained and saved, loaded again by PyTorch: check_saved.py FOLDER."""
import pathlib
import sys

import torch

DTYPES = {"float32": torch.float32, "float64": torch.float64}


def relative(a, b):
    a, b = a.double(), b.double()
    return ((a - b).abs().max() / b.abs().max().clamp_min(1e-30)).item()


def read(case, name, like):
    return torch.frombuffer(bytearray((case / f"{name}.bin").read_bytes()), dtype=like.dtype).reshape(like.shape)


def main():
    worst = {"weights": 0.0, "outputs": 0.0}
    count = 0
    for saved in sorted(pathlib.Path(sys.argv[1]).glob("*/saved.pt")):
        case = saved.parent
        count += 1
        net = torch.jit.load(str(saved)).eval()
        expected = torch.load(case / "trained.state")
        normalised = any(key.startswith("model.") for key in net.state_dict())
        state = {key.removeprefix("model."): value for key, value in net.state_dict().items()}
        for key, value in expected.items():
            worst["weights"] = max(worst["weights"], relative(state[key], value))
            if state[key].dtype != value.dtype or state[key].shape != value.shape:
                sys.exit(f"{case.name}: {key} is {state[key].dtype} {tuple(state[key].shape)}")
        text = (case / "case.toml").read_text()
        inputs = []
        for line in text.splitlines():
            if line.startswith("x"):
                name, table = line.split(" = ", 1)
                dtype = DTYPES[table.split('"')[1]]
                shape = eval(table.split("shape = ")[1].rstrip("} "))  # a list of numbers
                data = torch.frombuffer(bytearray((case / f"{name}.bin").read_bytes()), dtype=dtype)
                inputs.append(data.reshape(24, *shape))
        with torch.no_grad():
            answers = net(*inputs)
        answers = list(answers) if isinstance(answers, (tuple, list)) else [answers]
        for i, answer in enumerate(answers):
            wanted = read(case, f"trained{i}", answer.double() if normalised else answer)
            worst["outputs"] = max(worst["outputs"], relative(answer, wanted))
    print(f"{count} saved models: relative errors {worst}")
    if count < 11 or worst["weights"] > 1e-6 or worst["outputs"] > 1e-6:
        sys.exit("saved models differ from PyTorch's own")


if __name__ == "__main__":
    main()
