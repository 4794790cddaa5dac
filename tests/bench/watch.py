"""Whether a measurement had the machine to itself.

    watch = Watch(opponents)
    watch.start(); measure(); share = watch.foreign()   # of all cores' time, taken by processes that are not ours

Beside another process, threads that wait for each other at every step lose far more than their share of the time, so a
measurement that was disturbed says nothing and is made again.
"""
import os
import time

TOLERATED = 0.04


class Watch:
    def __init__(self, processes=()):
        self.processes = processes  # with cpu_s(), besides this one and its finished children

    def _own_s(self):
        t = os.times()
        return t.user + t.system + t.children_user + t.children_system + sum(p.cpu_s() for p in self.processes)

    @staticmethod
    def _busy_s():
        with open("/proc/stat") as file:
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, file.readline().split()[1:9])
        return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")

    def start(self):
        self.began, self.busy, self.own = time.monotonic(), self._busy_s(), self._own_s()

    def foreign(self):
        elapsed = time.monotonic() - self.began
        others = (self._busy_s() - self.busy) - (self._own_s() - self.own)
        return max(0.0, others / (elapsed * os.cpu_count()))


def undisturbed(watch, measure, tries=3):
    """What measure() gives, or None where others computed each time."""
    for _ in range(tries):
        watch.start()
        result = measure()
        if watch.foreign() <= TOLERATED:
            return result
    return None
