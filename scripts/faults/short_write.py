"""Short writes. strace cannot change the arguments of a call, so this traces the command itself."""

import ctypes
import os
import signal
import struct
import threading

from point import Faulted

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
LIBC.ptrace.restype = ctypes.c_long

TRACEME, SYSCALL, SETOPTIONS, GETREGSET, SETREGSET = 0, 24, 0x4200, 0x4204, 0x4205
GOOD, EXITKILL = 1, 0x100000
STATUS = 1
"""NT_PRSTATUS: the general-purpose registers."""

MACHINES = {
    # Indexes of the 8-byte registers with the call number, the descriptor and the byte count; then the call numbers.
    "x86_64": (15, 14, 12, {"write": 1, "pwrite64": 18}),
    "aarch64": (8, 0, 2, {"write": 64, "pwrite64": 68}),
}


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def ptrace(request, pid, address=0, data=0):
    if LIBC.ptrace(request, pid, address, data) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


class Tracer:
    """Traces one thread of a command, and halves one of its writes."""

    def __init__(self, call, number):
        self.number_at, self.file_at, self.count_at, numbers = MACHINES[os.uname().machine]
        self.wanted, self.left = numbers[call], number
        self.buffer = ctypes.create_string_buffer(1024)
        self.halved = self.whole = None

    @staticmethod
    def begin():
        """Called in the child process before exec: makes this process its tracer."""
        LIBC.ptrace(TRACEME, 0, 0, 0)

    def wait(self, process, seconds):
        """Waits for a command. Returns its exit code in the format of `subprocess`."""
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        try:
            status = self.follow(process.pid)
        finally:
            timer.cancel()
        return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)

    def follow(self, pid):
        _, status = os.waitpid(pid, 0)
        ptrace(SETOPTIONS, pid, 0, GOOD | EXITKILL)
        is_entry = True
        while True:
            sent = 0
            if os.WIFSTOPPED(status):
                sent = os.WSTOPSIG(status)
                if sent == signal.SIGTRAP | 0x80:
                    sent = 0
                    self.entry(pid) if is_entry else self.leave(pid)
                    is_entry = not is_entry
                elif sent == signal.SIGTRAP:
                    sent = 0
            else:
                return status
            ptrace(SYSCALL, pid, 0, sent)
            _, status = os.waitpid(pid, 0)

    def registers(self, pid):
        self.vector = Vector(ctypes.addressof(self.buffer), len(self.buffer))
        ptrace(GETREGSET, pid, STATUS, ctypes.addressof(self.vector))
        return list(struct.unpack_from(f"<{self.vector.length // 8}Q", self.buffer))

    def put(self, pid, words):
        struct.pack_into(f"<{len(words)}Q", self.buffer, 0, *words)
        ptrace(SETREGSET, pid, STATUS, ctypes.addressof(self.vector))

    def entry(self, pid):
        words = self.registers(pid)
        if words[self.number_at] != self.wanted:
            return
        self.left -= 1
        # A single byte cannot be halved.
        if self.left == 0 and words[self.count_at] > 1:
            call = "write" if self.wanted in (1, 64) else "pwrite64"
            self.halved = f"{call}({words[self.file_at]}, {words[self.count_at]} bytes) halved"
            self.whole = words[self.count_at]
            words[self.count_at] //= 2
            self.put(pid, words)

    def leave(self, pid):
        """Restores the byte count: a call preserves this register, and the command may rely on it."""
        if self.whole:
            words = self.registers(pid)
            words[self.count_at], self.whole = self.whole, None
            self.put(pid, words)


def fault(trial, box, point):
    """Runs the operation with one short write."""
    tracer = Tracer(point.call, point.number)
    result = trial.run(box, tracer=tracer)
    return Faulted(box, result, tracer.halved)
