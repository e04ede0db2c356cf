import Foundation
import TestSupport
import Testing

@testable import VaultCLI

/// A child on a pseudo-terminal, driven by a program that acts as the user, the terminal and the shell.
@Suite(.dedicatedThread) struct ExecTerminalTests {
    /// Starts the driver as a shell's foreground job on a terminal of 33 lines and 77 columns.
    private static let shell = """
        import fcntl, os, pty, select, signal, struct, sys, termios, time
        user, terminal = pty.openpty()
        def resize(lines, columns):
            fcntl.ioctl(user, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        resize(33, 77)
        reports, report = os.pipe()
        orders, order = os.pipe()
        if os.fork() == 0:
            os.close(user)
            os.setsid()
            fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            job = os.fork()
            if job == 0:
                os.setpgid(0, 0)
                os.tcsetpgrp(terminal, os.getpid())
                signal.signal(signal.SIGTTOU, signal.SIG_DFL)
                for number in (0, 1): os.dup2(terminal, number)
                os.dup2(os.open("/dev/null", os.O_WRONLY), 2)
                os.execv(sys.argv[1], sys.argv[1:])
            os.write(report, b"%d\\n" % job)
            while True:
                _, status = os.waitpid(job, os.WUNTRACED)
                os.tcsetpgrp(terminal, os.getpgrp())
                if not os.WIFSTOPPED(status):
                    os.write(report, b"ended %d\\n" % os.waitstatus_to_exitcode(status))
                    os._exit(0)
                os.write(report, b"stopped\\n")
                os.read(orders, 1)
                os.tcsetpgrp(terminal, job)
                os.killpg(job, signal.SIGCONT)
        os.close(report)
        seen = b""
        def until(text):
            global seen
            end = time.time() + 30
            while text not in seen and time.time() < end:
                if select.select([user], [], [], 1)[0]: seen += os.read(user, 4096)
            if text not in seen: sys.exit("waited for %r, saw %r" % (text, seen))
            before, _, seen = seen.partition(text)
            return before + text
        def type(text): os.write(user, text)
        def reported():
            line = b""
            while not line.endswith(b"\\n"): line += os.read(reports, 1)
            return line.decode().strip()
        def line_mode(): return bool(termios.tcgetattr(terminal)[3] & termios.ICANON)
        job = int(reported())

        """

    private func drive(_ script: String, split: Bool = false, _ command: String) throws -> [String] {
        let driver = Driver(
            secrets: [("KEY", "MDFkM2Y5OnMzY3IzdC1rZXk")], joinsError: !split,
            around: ["timeout", "-k", "1", "60", "python3", "-c", Self.shell + script])
        let outcome = try driver.run("sh", "-c", command)
        #expect(outcome.status == 0, "\(outcome.errorText)")
        return outcome.text.split(separator: "\n").map(String.init)
    }

    // case 84
    @Test func `gives an interactive child a terminal of the same size, and masks its output`() throws {
        let lines = try drive(
            "print(repr(until(b'end'))); print(reported()); print(line_mode())",
            "tty >/dev/null && test -t 1 && test -t 2 && stty size && echo $KEY && echo $KEY >&2; printf end; exit 5"
        )
        #expect(lines == [#"b'33 77\r\n*****\r\n*****\r\nend'"#, "ended 5", "True"])
    }

    @Test func `keeps a redirected stderr separate`() throws {
        let lines = try drive("until(b'end'); print(reported())", split: true, "test -t 2 || printf end")
        #expect(lines == ["ended 0"])
    }

    @Test func `passes keys through the child's terminal settings`() throws {
        let lines = try drive(
            "until(b'ready'); print(line_mode()); type(b'abX\\x7fc\\r'); print(until(b'[abc]').count(b'abX')); print(reported())",
            "printf ready; read line; echo \"[$line]\"")
        #expect(lines == ["False", "1", "ended 0"])
    }

    // case 83
    @Test func `lets the interrupt key end the child, and restores the terminal`() throws {
        let lines = try drive(
            "until(b'ready'); type(b'\\x03'); print(reported()); print(line_mode())",
            "echo ready; exec sleep 300")
        #expect(lines == ["ended 130", "True"])
    }

    // case 83
    @Test func `stops with the child at the suspend key, and continues with it`() throws {
        let lines = try drive(
            """
            until(b'ready')
            for _ in range(2):
                type(b'\\x1a')
                print(reported(), line_mode())
                os.write(order, b'x')
                while line_mode(): time.sleep(0.01)
            type(b'more\\r')
            until(b'[more]')
            print(reported(), line_mode())
            """,
            "echo ready; read line; echo \"[$line]\"")
        #expect(lines == ["stopped True", "stopped True", "ended 0 True"])
    }

    // case 83
    @Test(arguments: ["SIGTERM", "SIGHUP", "SIGINT"])
    func `restores the terminal when a signal ends it`(signal: String) throws {
        let lines = try drive(
            "until(b'ready'); os.kill(job, signal.\(signal)); print(reported()); print(line_mode())",
            "echo ready; exec sleep 300")
        #expect(lines == ["ended \(["SIGTERM": 143, "SIGHUP": 129, "SIGINT": 130][signal]!)", "True"])
    }

    // case 83
    @Test func `leaves nothing running on the child's terminal when it is killed`() throws {
        let lines = try drive(
            """
            pid = int(until(b'\\n'))
            os.kill(job, signal.SIGKILL)
            print(reported())
            end = time.time() + 20
            while os.path.exists('/proc/%d' % pid) and open('/proc/%d/stat' % pid).read().split()[2] != 'Z' \\
                and time.time() < end: time.sleep(0.01)
            print(time.time() < end)
            """,
            "echo $$; exec sleep 300")
        #expect(lines == ["ended -9", "True"])
    }

    @Test func `passes on a change of the terminal's size`() throws {
        let lines = try drive(
            "until(b'ready'); resize(44, 88); until(b'44 88'); print(reported())",
            "trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done")
        #expect(lines == ["ended 0"])
    }
}
