#!/usr/bin/env python3
"""PyTorch's side of `scripts/bench --report training`: the same network, batch and optimiser under
DistributedDataParallel over gloo, one thread a rank; at one rank the network itself, which is faster.

  ddp_peer.py --ranks 2 --widths 64,256,256,64 --batch 256     then, on standard input, a number of steps a line
  ddp_peer.py --network cnn --save cnn.pt                      writes the network as TorchScript

Answers each line with the seconds that all ranks took together, and the last loss.
"""

import argparse
import os
import sys
import tempfile
import time

try:
    import torch
    import torch.distributed as dist
except ImportError:
    sys.exit("ddp_peer.py: no module torch; scripts/setup peer installs python3-torch")


def make_network(arguments):
    """An mlp of the widths, or a small convolutional network on 16 x 16 images of one channel."""
    torch.manual_seed(1)
    layers = []
    if arguments.network == "cnn":
        for i, o in ((1, 16), (16, 16), (16, 1)):
            layers += [torch.nn.Conv2d(i, o, 3, padding=1), torch.nn.Tanh()]
    else:
        widths = [int(w) for w in arguments.widths.split(",")]
        for i, o in zip(widths, widths[1:]):
            layers += [torch.nn.Linear(i, o), torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


def make_samples(arguments, rank):
    """As many as the other side's buffer holds, and of its dtype."""
    torch.manual_seed(2 + rank)
    shape = [1, 16, 16] if arguments.network == "cnn" else [int(arguments.widths.split(",")[0])]
    x = torch.rand([arguments.samples] + shape) * 2 - 1
    if arguments.network == "cnn":
        return x, torch.sin(3 * x)
    out = int(arguments.widths.split(",")[-1])
    return x, torch.sin(3 * x).repeat(1, (out + shape[0] - 1) // shape[0])[:, :out]


class Trainer:
    def __init__(self, arguments, rank):
        self.batch, self.rank, self.ranks = arguments.batch, rank, arguments.ranks
        self.x, self.y = make_samples(arguments, rank)
        self.network = make_network(arguments)
        if self.ranks > 1:
            self.network = torch.nn.parallel.DistributedDataParallel(
                self.network, broadcast_buffers=False, gradient_as_bucket_view=True)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=1e-3, betas=(0.9, 0.99))

    def run(self, steps):
        if self.ranks > 1:
            dist.barrier()
        begin = time.perf_counter()
        for _ in range(steps):
            chosen = torch.randint(len(self.x), (self.batch,))
            self.optimizer.zero_grad(set_to_none=self.ranks == 1)
            loss = torch.nn.functional.mse_loss(self.network(self.x[chosen]), self.y[chosen])
            loss.backward()
            self.optimizer.step()
        value = loss.item()
        if self.ranks > 1:
            dist.barrier()
        return time.perf_counter() - begin, value


def serve(arguments, rank, store):
    """Rank 0 reads; the others are told by it, asleep until then."""
    torch.set_num_threads(1)
    if arguments.ranks > 1:
        os.environ["GLOO_SOCKET_IFNAME"] = "lo"
        dist.init_process_group("gloo", init_method="file://" + store, rank=rank, world_size=arguments.ranks)
    trainer = Trainer(arguments, rank)
    if rank == 0:
        print("torch", torch.__version__, flush=True)
    while True:
        line = sys.stdin.readline() if rank == 0 else ""
        steps = torch.tensor([int(line) if line.strip() else 0])
        if arguments.ranks > 1:
            dist.broadcast(steps, 0)
        if steps.item() == 0:
            return
        seconds, loss = trainer.run(int(steps.item()))
        if rank == 0:
            print(f"{seconds:.9f} {loss:.9g}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--network", choices=["mlp", "cnn"], default="mlp")
    parser.add_argument("--widths", default="64,256,256,64")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--samples", type=int, default=8192)
    parser.add_argument("--save", help="write the network as TorchScript to this file, and end")
    arguments = parser.parse_args()
    if arguments.save:
        torch.jit.script(make_network(arguments)).save(arguments.save)
        return
    with tempfile.TemporaryDirectory() as folder:
        children = []
        rank = 0
        for other in range(1, arguments.ranks):
            child = os.fork()
            if child == 0:
                rank = other
                break
            children.append(child)
        if rank > 0:
            status = 1
            try:
                serve(arguments, rank, os.path.join(folder, "store"))
                status = 0
            finally:
                os._exit(status)
        serve(arguments, rank, os.path.join(folder, "store"))
        for child in children:
            os.waitpid(child, 0)


main()
