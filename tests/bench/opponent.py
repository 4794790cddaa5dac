"""PyTorch or NumPy as an opponent: a process that keeps its networks and trains an epoch of one when told.

It gets the settings that make it fastest on two cores with AVX-512, each found by measuring:

- OpenBLAS's OpenMP build, told the CPU's type, which it does not recognise; huge pages; a heap that is not given back. With the
  other build two pools of threads share the cores, PyTorch's and OpenBLAS's, and mostly wait for each other: an epoch of
  784-1000-500-10 takes 7 seconds instead of 2.8, so without that build there is no race.
- Threads that keep spinning and stay on their cores. Left to itself, libgomp lets them sleep after a few milliseconds, and
  Linux tends to wake one on the core of the other.
- One thread or two, whatever is faster for the network; both are tried.

A spinning pool takes a core from everybody else, so the process is stopped between two orders.
"""
import argparse
import ctypes
import json
import math
import os
import signal
import subprocess
import sys
import time

STRONGEST = {
    "ATEN_CPU_CAPABILITY": "avx512",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=2000000000",
    "OMP_PROC_BIND": "true",
    "OMP_WAIT_POLICY": "active",
    "OPENBLAS_CORETYPE": "Cooperlake",
}


OPENBLAS = "/usr/lib/x86_64-linux-gnu/openblas-openmp"  # package libopenblas0-openmp


class Absent(Exception):
    """The opponent cannot be had here; the text says why."""


class Opponent:
    """ask(...) answers as serve() does in the other process."""

    def __init__(self, which, scripts, data, python, openblas, threads):
        self.process = None
        if not os.path.exists(os.path.join(scripts, which + "_bench.py")):
            raise Absent("%s_bench.py is not in %s; --opponent names another folder" % (which, scripts))
        if not os.path.exists(os.path.join(openblas, "libblas.so.3")):
            raise Absent("OpenBLAS for OpenMP is not in %s; install libopenblas0-openmp, or name another folder with --openblas" % openblas)
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads), LD_LIBRARY_PATH=openblas,
                           PYTHONPATH=scripts, **STRONGEST)
        self.process = subprocess.Popen([python, os.path.abspath(__file__), which, data], env=environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise Absent("%s does not start under %s" % (which, python))
        self.process.send_signal(signal.SIGSTOP)

    def ask(self, **order):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        self.process.send_signal(signal.SIGSTOP)
        return answer

    def cpu_s(self):
        with open("/proc/%d/stat" % self.process.pid) as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        if self.process:
            self.process.send_signal(signal.SIGCONT)
            self.process.stdin.close()
            self.process.wait()


# --- the other process -----------------------------------------------------------------------------------------------------


class Torch:
    def __init__(self, data):
        import numpy as np
        import torch
        import torch_bench as tb
        torch.set_flush_denormal(True)
        torch.manual_seed(1)
        self.torch, self.bench, self.kept = torch, tb, {}
        floats = lambda x: torch.from_numpy(x.astype(np.float32) / 255)
        xtr, ytr, xte, yte = tb.load(data)
        self.X, self.Y = floats(xtr), torch.from_numpy(ytr.astype(np.int64))
        self.XT, self.YT = floats(xte), torch.from_numpy(yte.astype(np.int64))

    def use_threads(self, n):
        self.torch.set_num_threads(n)

    def epoch(self, case, variant):
        tb = self.bench
        if (case, variant) not in self.kept:
            self.kept[case, variant] = tb.Hand(case) if variant == "hand" else tb.build(case, variant)
        net = self.kept[case, variant]
        x = self.X.view(-1, 1, 28, 28) if case == "C" else self.X
        augment = tb.Augment() if case == "G" else None
        start = time.perf_counter()
        if variant == "hand":
            tb.epoch_hand(net, x, self.Y, augment)
        else:
            tb.epoch(*net, x, self.Y, augment)
        return time.perf_counter() - start

    def curve(self, seed, points):
        """The MLP that gets to 98 % first: 784-256-10, batches of 256, one cycle of 4 epochs up to 8e-3, by hand."""
        tb, torch = self.bench, self.torch
        torch.manual_seed(seed)
        batch, epochs, peak = 256, 4, 8e-3
        tb.SPEC["race"] = ([784, 256, 10], (), "adam", peak, 0, batch)
        steps = -(-self.X.shape[0] // batch)
        looks = {round((k + 1) * steps / points) for k in range(points)}
        net, seconds, found = tb.Hand("race"), 0.0, []
        for e in range(epochs):
            start = time.perf_counter()
            order = torch.randperm(self.X.shape[0])
            for i in range(steps):
                net.lr = one_cycle((e + i / steps) / epochs, peak)
                k = order[i * batch:(i + 1) * batch]
                net.step(self.X.index_select(0, k), self.Y.index_select(0, k))
                if i + 1 in looks:
                    seconds += time.perf_counter() - start
                    found.append({"epochs": e + (i + 1) / steps, "seconds": seconds, "accuracy": tb.evaluate(net, self.XT, self.YT)})
                    start = time.perf_counter()
        return found


def one_cycle(t, peak):
    """PyTorch's OneCycleLR with its defaults, t from 0 to 1."""
    low, high, u = (peak / 25, peak, t / 0.3) if t < 0.3 else (peak, peak / 25e4, (t - 0.3) / 0.7)
    return high + (low - high) * (1 + math.cos(math.pi * u)) / 2


class Numpy:
    def __init__(self, data):
        import numpy as np
        import numpy_bench as nb
        self.numpy, self.bench, self.kept = np, nb, {}
        x, self.Y, _, _ = nb.load(data)
        self.X = (x / 255).astype(np.float32)
        self.openmp = ctypes.CDLL("libgomp.so.1")

    def use_threads(self, n):
        self.openmp.omp_set_num_threads(n)

    def epoch(self, case, variant):
        if case not in self.kept:
            self.kept[case] = self.bench.Net(case, self.numpy.float32)
        start = time.perf_counter()
        self.bench.epoch(self.kept[case], self.X, self.Y)
        return time.perf_counter() - start


def serve(peer):
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        peer.use_threads(order["threads"])
        if "curve" in order:
            answer = peer.curve(order["curve"], order["points"])
        else:
            answer = [peer.epoch(order["case"], order["variant"]) for _ in range(order["epochs"])]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The opponent's process; tests/bench/train_against_torch.py starts it.")
    parser.add_argument("which", choices=["torch", "numpy"])
    parser.add_argument("data")
    args = parser.parse_args()
    serve((Torch if args.which == "torch" else Numpy)(args.data))
