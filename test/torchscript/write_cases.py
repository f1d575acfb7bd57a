"""Models as PyTorch writes them, what PyTorch computes with them, and what it makes of them in a few steps of
training: write_cases.py FOLDER. A case is a folder with a run file's tables (case.toml), TorchScript files and raw
arrays; cases.toml names them."""
import copy
import pathlib
import sys

import torch
from torch import nn

COUNT = 24
RATE = 0.05
STEPS = 4
DTYPES = {torch.float32: "float32", torch.float64: "float64", torch.int64: "int64"}


class TwoInputs(nn.Module):
    """Two inputs, of which one is a number a sample, and a tuple of two answers."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(4, 12)
        self.out = nn.Linear(12, 3)

    def forward(self, state, dt):
        both = torch.cat([state, dt.unsqueeze(1)], 1)
        out = self.out(torch.tanh(self.hidden(both)))
        return out[:, :2], out[:, 2]


class Listed(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(3, 4)

    def forward(self, x, scale: float = 2.0):
        y = self.net(x) * scale
        return [y[:, :1], y[:, 1:]]


class InPlace(nn.Module):
    """Its first operation writes to its argument."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(3, 2))

    def forward(self, x):
        return self.net(x)


class Tied(nn.Module):
    """One parameter in two places."""

    def __init__(self):
        super().__init__()
        self.up = nn.Linear(3, 3)
        self.down = nn.Linear(3, 3)
        self.down.weight = self.up.weight

    def forward(self, x):
        return self.down(torch.tanh(self.up(x)))


class Classes(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(3, 5)

    def forward(self, x):
        return self.net(x).argmax(1)


class WeightedLoss(nn.Module):
    """A loss with a constant tensor of its own."""

    def __init__(self):
        super().__init__()
        self.register_buffer("weights", torch.tensor([1.0, 3.0]))

    def forward(self, answer, target):
        return (self.weights * (answer - target).abs() ** 3).mean() + 0.1 * answer.square().mean()


def mlp(inputs=3, outputs=2):
    return nn.Sequential(nn.Linear(inputs, 16), nn.Tanh(), nn.Linear(16, outputs))


def regularised():
    return nn.Sequential(nn.Linear(3, 16), nn.BatchNorm1d(16), nn.SiLU(), nn.Dropout(0.3), nn.Linear(16, 2))


def batch_norm():
    return nn.Sequential(nn.Linear(3, 16), nn.BatchNorm1d(16), nn.Tanh(), nn.Linear(16, 2))


def conv():
    return nn.Sequential(nn.Conv2d(2, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(inplace=True),
                         nn.Conv2d(6, 1, 3, padding=1, padding_mode="circular"))


def half_frozen():
    net = mlp()
    net[0].weight.requires_grad_(False)
    net[0].bias.requires_grad_(False)
    return net


def seen_before(net, *inputs):
    """Running means that are not those of a new network."""
    net.train()
    with torch.no_grad():
        for _ in range(3):
            net(*[x * 1.5 + 0.3 for x in inputs])
    return net.eval()


def listed(answers):
    return list(answers) if isinstance(answers, (tuple, list)) else [answers]


class Writer:
    def __init__(self, folder):
        self.folder = folder
        self.names = []

    def raw(self, name, tensor):
        (self.case / f"{name}.bin").write_bytes(tensor.detach().contiguous().numpy().tobytes())

    def begin(self, name, inputs, outputs, model, training=""):
        self.case = self.folder / name
        self.case.mkdir()
        self.names.append(name)
        inputs = {f"x{i}": x for i, x in enumerate(inputs)}
        outputs = {f"y{i}": y for i, y in enumerate(outputs)}
        text = f"count = {COUNT}\ninputs = {list(inputs)}\noutputs = {list(outputs)}\n"
        for key, tensor in (inputs | outputs).items():
            text += f'{key} = {{ dtype = "{DTYPES[tensor.dtype]}", shape = {list(tensor.shape[1:])} }}\n'
            self.raw(key, tensor)
        (self.case / "case.toml").write_text(f"{text}[model]\n{model}\n{training}".replace("'", '"'))

    def evaluate(self, name, net, inputs, how="script", model='file = "model.pt"'):
        """What is predicted."""
        net.eval()
        with torch.no_grad():
            answers = listed(net(*[x.clone() for x in inputs]))
        self.begin(name, inputs, answers, model)
        made = torch.jit.trace(net, tuple(x.clone() for x in inputs)) if how == "trace" else torch.jit.script(net)
        if how == "freeze":
            made = torch.jit.freeze(made)
        made.save(str(self.case / "model.pt"))

    def train(self, name, net, inputs, loss=None, normalise=False):
        """What is predicted after a few steps, from the model that is in the file."""
        net.eval()
        with torch.no_grad():
            shapes = listed(net(*inputs))
        targets = [torch.rand_like(y) * 2 - 0.5 for y in shapes]
        path = '"loss.pt"' if loss is not None else '"mse"'
        training = f'[training]\nloss = {path}\noptimizer = {{ kind = "sgd", rate = {RATE} }}\nsteps = {STEPS}\n'
        extra = '\ndtype = "float32"\nnormalise = true' if normalise else ""
        stream = [x.double() for x in inputs] if normalise else inputs
        target_stream = [y.double() for y in targets] if normalise else targets
        self.begin(name, stream, target_stream, f'file = "model.pt"{extra}', training)
        torch.jit.script(net).save(str(self.case / "model.pt"))
        if loss is not None:
            torch.jit.script(loss).save(str(self.case / "loss.pt"))

        def scaled(tensors):
            scales = [(t.mean(0), t.var(0, unbiased=False).sqrt()) for t in tensors]
            return scales, [((t - m) / s).float() for t, (m, s) in zip(tensors, scales)]

        if normalise:
            _, inputs = scaled(stream)
            scales, targets = scaled(target_stream)
        own = loss if loss is not None else nn.MSELoss()
        net.train()
        gradients = None
        for _ in range(STEPS):
            net.zero_grad()
            answers = listed(net(*[x.clone() for x in inputs]))
            value = own(*answers, *targets) if loss is not None else sum(own(y, t) for y, t in zip(answers, targets))
            value.backward()
            trained = [p for p in net.parameters() if p.requires_grad]
            if gradients is None:
                gradients = torch.cat([p.grad.flatten() for p in reversed(trained)]).double()
                self.raw("loss", value.detach().double())
            with torch.no_grad():
                for p in trained:
                    p -= RATE * p.grad
        net.eval()
        with torch.no_grad():
            answers = listed(net(*[x.clone() for x in inputs]))
            if normalise:
                answers = [m + s * y.double() for y, (m, s) in zip(answers, scales)]
        self.raw("gradient", gradients)
        for i, y in enumerate(answers):
            self.raw(f"trained{i}", y)
        torch.save(net.state_dict(), self.case / "trained.state")


def main():
    torch.manual_seed(5)
    torch.set_num_threads(1)
    write = Writer(pathlib.Path(sys.argv[1]))
    x = torch.randn(COUNT, 3)
    dt = torch.rand(COUNT)
    image = torch.randn(COUNT, 2, 8, 6)

    write.evaluate("scripted", mlp(), [x])
    write.evaluate("traced", mlp(), [x], "trace")
    write.evaluate("scripted64", mlp().double(), [x.double()])
    write.evaluate("traced64", mlp().double(), [x.double()], "trace")
    write.evaluate("tuple", TwoInputs(), [x, dt])
    write.evaluate("traced_tuple64", TwoInputs().double(), [x.double(), dt.double()], "trace")
    write.evaluate("list", Listed(), [x])
    write.evaluate("regularised", seen_before(regularised(), x), [x])
    write.evaluate("conv", seen_before(conv(), image), [image])
    write.evaluate("traced_conv", seen_before(conv(), image), [image], "trace")
    write.evaluate("in_place", InPlace(), [x])
    write.evaluate("frozen", seen_before(batch_norm(), x), [x], "freeze")
    write.evaluate("classes", Classes(), [x])

    # A stream of float64 through a model of float32.
    net = mlp()
    with torch.no_grad():
        y = net(x).double()
    write.begin("converted", [x.double()], [y], 'file = "model.pt"\ndtype = "float32"')
    torch.jit.script(net).save(str(write.case / "model.pt"))

    # Several files: their mean, and the standard deviation between them.
    nets = [mlp() for _ in range(3)]
    with torch.no_grad():
        all_of_them = torch.stack([net(x) for net in nets]).double()
    write.begin("ensemble", [x], [all_of_them.mean(0).float()], 'file = ["a.pt", "b.pt", "c.pt"]')
    write.raw("spread", all_of_them.std(0))
    for name, net in zip("abc", nets):
        torch.jit.script(net).save(str(write.case / f"{name}.pt"))

    write.train("train", mlp(), [x])
    write.train("train64", mlp().double(), [x.double()])
    write.train("train_tuple", TwoInputs(), [x, dt])
    write.train("train_batch_norm", seen_before(batch_norm(), x), [x])
    write.train("train_conv", seen_before(conv(), image), [image])
    write.train("train_in_place", InPlace(), [x])
    write.train("train_tied", Tied(), [x])
    write.train("train_half_frozen", half_frozen(), [x])
    write.train("train_loss", mlp(), [x], WeightedLoss())
    write.train("train_normalised", mlp(), [x * torch.tensor([1.0, 50.0, 1e-3]) + 2], normalise=True)
    write.train("train_normalised_tuple", TwoInputs(), [x * 3, dt], normalise=True)
    (write.folder / "cases.toml").write_text(f"names = {write.names}\n".replace("'", '"'))


if __name__ == "__main__":
    main()
