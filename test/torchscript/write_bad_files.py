"""Files that are no models, models that do not fit, and losses alike: write_bad_files.py FOLDER. bad.toml names them,
each with what its message must contain."""
import json
import pathlib
import random
import struct
import sys
import zipfile

import torch
from torch import nn


class NoForward(nn.Module):
    @torch.jit.export
    def predict(self, x):
        return x


class TwoArguments(nn.Module):
    def forward(self, x, y):
        return x + y


class TakesList(nn.Module):
    def forward(self, x: list[torch.Tensor]):
        return x[0]


class TakesNumber(nn.Module):
    def forward(self, x: float):
        return torch.full([2, 2], x)


class AnswersDict(nn.Module):
    def forward(self, x):
        return {"y": x[:, :2]}


class AnswersInt(nn.Module):
    def forward(self, x):
        return x.size(0)


class AnswersNone(nn.Module):
    def forward(self, x):
        return None


class AnswersMixed(nn.Module):
    def forward(self, x):
        return x[:, :2], 3


class Sums(nn.Module):
    """The samples are lost."""

    def forward(self, x):
        return x.sum()


class Raises(nn.Module):
    def forward(self, x):
        if x.size(0) > 0:
            raise ValueError("the pump broke")
        return x


class NoGradientLoss(nn.Module):
    def forward(self, answer, target):
        return (answer.detach() - target).square().mean()


class VectorLoss(nn.Module):
    def forward(self, answer, target):
        return (answer - target).square().mean(0)


class DictLoss(nn.Module):
    def forward(self, answer, target):
        return {"loss": (answer - target).square().mean()}


class IntLoss(nn.Module):
    def forward(self, answer, target):
        return (answer - target).square().mean().to(torch.int64)


class WrongShapeLoss(nn.Module):
    def forward(self, answer, target):
        return (answer @ target).mean()


class MeanSquare(nn.Module):
    def forward(self, answer, target):
        return (answer - target).square().mean()


def directory(data):
    """Where the central directory begins, and how many bytes it has."""
    end = data.rindex(b"PK\5\6")
    wide = struct.unpack("<Q", data[end - 12:end - 4])[0]
    return struct.unpack("<QQ", data[wide + 40:wide + 56])[::-1]


def changed(data, at, value):
    return data[:at] + value + data[at + len(value):]


def repacked(source, target, change):
    """The archive with other contents, and right checksums."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = change(name.split("/", 1)[1], old.read(name))
            if data is not None:
                new.writestr(name, data)


class Writer:
    def __init__(self, folder):
        self.folder = folder
        self.text = ""
        self.names = {"model": [], "loss": []}

    def add(self, kind, name, says, x="x float32 3", y="y float32 2", data=None, module=None):
        path = self.folder / f"{name}.pt"
        if data is not None:
            path.write_bytes(data)
        if module is not None:
            torch.jit.script(module).save(str(path))
        self.names[kind].append(name)
        says = [says] if isinstance(says, str) else says
        # Lists of strings look alike in JSON and TOML.
        self.text += f'[{name}]\nfile = "{name}.pt"\nx = "{x}"\ny = "{y}"\nsays = {json.dumps(says)}\n'


def write_files(write, good):
    """What is no whole TorchScript file, of models and of losses."""
    data = good.read_bytes()
    begin, size = directory(data)
    rng = random.Random(3)
    for kind in ("model", "loss"):
        def add(name, says, data=None):
            write.add(kind, f"{kind}_{name}", says, data=data)  # noqa: B023

        add("missing", "there is no such file")
        add("empty", "it is empty", b"")
        add("one_byte", "no TorchScript archive", b"P")
        add("text", "no TorchScript archive", b"this is no model\n")
        add("random", "no TorchScript archive", bytes(rng.randrange(256) for _ in range(5000)))
        add("random_zip", "it has no directory", b"PK\3\4" + bytes(rng.randrange(256) for _ in range(5000)))
        for percent in (1, 10, 50, 90, 99):
            add(f"truncated_{percent}", "it has no directory at its end", data[:len(data) * percent // 100])
        add("truncated_by_one", "it has no directory at its end", data[:-1])
        add("head_lost", "is not where the directory says", data[:2] + bytes(200) + data[202:])
        add("no_zip_start", "no TorchScript archive", data[1:])
        flipped = data.index(b"FB") + 40
        add("bit_rot", "another checksum", changed(data, flipped, bytes([data[flipped] ^ 1])))
        add("directory_moved", "its directory is broken", changed(data, directory_field(data, 48), struct.pack("<Q", begin - 7)))
        add("directory_beyond", "it is cut off", changed(data, directory_field(data, 48), struct.pack("<Q", 1 << 60)))
        add("huge_directory", "it is cut off", changed(data, directory_field(data, 40), struct.pack("<Q", 1 << 62)))
        add("huge_count", "its directory is broken", changed(data, directory_field(data, 32), struct.pack("<Q", 1 << 62)))
        add("huge_part", "impossible size", changed(data, begin + 24, struct.pack("<I", 0x7fffffff)))
        add("huge_packed_part", "is not where the directory says", changed(data, begin + 20, struct.pack("<II", *[0x7fffffff] * 2)))
        add("part_beyond", "it is cut off", changed(data, begin + 42, struct.pack("<I", 0x7fffffff)))
        add("long_name", "its directory is broken", changed(data, begin + 28, struct.pack("<H", 0xffff)))
        add("encrypted", "is encrypted", changed(data, begin + 8, struct.pack("<H", 0x809)))
        add("garbled_directory", "its directory is broken",
            data[:begin + 46] + bytes(rng.randrange(256) for _ in range(size - 46)) + data[begin + size:])
        folder = write.folder
        other = folder / f"{kind}_other_zip.pt"
        with zipfile.ZipFile(other, "w") as archive:
            archive.writestr("a/readme.txt", "no model")
        add("other_zip", "an archive of something else")
        with zipfile.ZipFile(folder / f"{kind}_no_parts.pt", "w"):
            pass
        add("no_parts", "an archive of something else")
        torch.save(nn.Linear(3, 2).state_dict(), folder / f"{kind}_state_dict.pt")
        add("state_dict", "torch.save wrote it")
        torch.save(nn.Linear(3, 2), folder / f"{kind}_pickled_module.pt")
        add("pickled_module", "torch.save wrote it")
        torch.save(nn.Linear(3, 2).state_dict(), folder / f"{kind}_old_state_dict.pt", _use_new_zipfile_serialization=False)
        add("old_state_dict", "it is a pickle")
        for name, change in {
            "no_version": lambda part, data: None if part == "version" else data,
            "new_version": lambda part, data: b"999" if part == "version" else data,
            "no_tensors": lambda part, data: None if part.startswith("data/") else data,
            "short_tensors": lambda part, data: data[:4] if part.startswith("data/") else data,
            "empty_pickle": lambda part, data: b"" if part == "data.pkl" else data,
            "cut_pickle": lambda part, data: data[:len(data) // 2] if part == "data.pkl" else data,
            "no_code": lambda part, data: None if part.endswith(".py") and "Sequential" not in part else data,
            "broken_code": lambda part, data: data.replace(b"def", b"fed") if part.endswith(".py") else data,
        }.items():
            repacked(good, folder / f"{kind}_{name}.pt", change)
            add(name, "bytes has no data of that size" if name == "short_tensors" else "LibTorch cannot load it")


def directory_field(data, offset):
    """Where a field of the wide end of the directory stands."""
    end = data.rindex(b"PK\5\6")
    return struct.unpack("<Q", data[end - 12:end - 4])[0] + offset


def write_models(write):
    def add(name, module, says, **more):
        write.add("model", name, says, module=module, **more)

    shapes = "the stream is (x float32 [3]) -> (y float32 [2])"
    add("no_forward", NoForward(), "it has no method 'forward'")
    add("two_arguments", TwoArguments(), "its forward takes 2 tensors and is given 1")
    add("takes_list", TakesList(), "its forward takes a List[Tensor] as 'x'")
    add("takes_number", TakesNumber(), "its forward takes a float as 'x'")
    add("answers_dict", AnswersDict(), "list of tensors, but a GenericDict")
    add("answers_int", AnswersInt(), "list of tensors, but a Int")
    add("answers_none", AnswersNone(), "list of tensors, but a None")
    add("answers_mixed", AnswersMixed(), "list of tensors, but a tuple with a Int")
    add("wide_answer", nn.Linear(3, 4), ["answers (float32 [4]) a sample", shapes])
    add("narrow_answer", nn.Linear(3, 1), ["answers (float32 [1]) a sample", shapes])
    add("no_samples", Sums(), ["answers (float32 []) for 3 samples", shapes])
    add("float64_answer", nn.Sequential(nn.Linear(3, 2)).double(),
        ["cannot evaluate (float32 [3]) a sample of the stream (x float32 [3]) -> (y float32 [2])", "dtype"])
    add("float32_answer", nn.Identity(), ["answers (float32 [2]) a sample", "-> (y float64 [2])"],
        x="x float32 2", y="y float64 2")
    add("other_input", nn.Linear(5, 2), ["cannot evaluate (float32 [3]) a sample", "shapes cannot be multiplied"])
    add("two_answers", nn.Identity(), ["answers (float32 [2]) a sample", "-> (y float32 [2], z float32 [2])"],
        x="x float32 2", y="y float32 2 z float32 2")
    add("raises", Raises(), ["cannot evaluate", "the pump broke"])


def write_losses(write):
    def add(name, module, says):
        write.add("loss", name, says, module=module)

    add("loss_no_forward", NoForward(), "it has no method 'forward'")
    add("loss_one_argument", nn.Identity(), "its forward takes 1 tensor and is given 2")
    add("loss_no_gradient", NoGradientLoss(), "the loss has no gradient")
    add("loss_vector", VectorLoss(), "the loss is not a single number (it is (float32 [2]))")
    add("loss_dict", DictLoss(), "answers a GenericDict")
    add("loss_int", IntLoss(), "the loss has no gradient")
    add("loss_wrong_shape", WrongShapeLoss(), "cannot be multiplied")
    add("loss_raises", LossRaises(), "the valve stuck")


class LossRaises(nn.Module):
    def forward(self, answer, target):
        if answer.size(0) > 0:
            raise ValueError("the valve stuck")
        return answer.mean()


def main():
    torch.manual_seed(1)
    folder = pathlib.Path(sys.argv[1]) / "bad"
    folder.mkdir()
    good = folder / "good.pt"
    torch.jit.script(nn.Sequential(nn.Linear(3, 16), nn.Tanh(), nn.Linear(16, 2))).save(str(good))
    torch.jit.script(MeanSquare()).save(str(folder / "good_loss.pt"))
    write = Writer(folder)
    write_files(write, good)
    write_models(write)
    write_losses(write)
    lists = "".join(f"{kind} = {json.dumps(names)}\n" for kind, names in write.names.items())
    (folder / "bad.toml").write_text(lists + write.text)


if __name__ == "__main__":
    main()
