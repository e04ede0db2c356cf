import CPlatform
import Foundation
import Libc
import Testing

#if os(Linux)
    /// Processes without enough resources: one clear error, and nothing changed.
    @Suite(.serialized) struct ResourceTests {
        private static let hasStrace = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")

        private static let commands = [
            "vault connection list", "vault audit verify", "vault secret set A token --from stdin",
            "vault exec A -- true", "vault proxy A -- true", "vault unlock", "vault doctor",
            "vault key rotate",
            "vault backup create out.db", "vault lock",
        ]

        private func world() async throws -> Sandbox {
            let sandbox = try await Sandbox.withVault()
            let made = try await sandbox.vault(
                "connection", "create", "http", "--name", "A", "--set", "domain=a.example.com", "--set",
                "auth-type=bearer", "--secret", "token=stdin", input: "a-secret-of-a-test")
            try #require(made.status == 0, "\(made.errorText)")
            return sandbox
        }

        /// Runs each command under a prefix, and expects one error in two lines and an unchanged file.
        private func expectOneError(_ prefix: String, saying words: String, in sandbox: Sandbox) async throws
        {
            let before = try Data(contentsOf: URL(filePath: sandbox.folder + "/v/vault.db"))
            for command in Self.commands {
                for suffix in ["", " --json"] {
                    let parts = command.components(separatedBy: " -- ")
                    let whole = [parts[0] + suffix, parts.count > 1 ? "-- \(parts[1])" : ""].joined(
                        separator: " ")
                    let said = try await sandbox.shell("printf other | \(prefix) \(whole)")
                    let isExec = command.contains("exec") || command.contains("proxy")
                    #expect(said.status == (isExec ? 125 : 1), "\(prefix) \(whole): \(said.errorText)")
                    #expect(said.text == "", "\(prefix) \(whole)")
                    #expect(said.errorText.contains(words), "\(prefix) \(whole): \(said.errorText)")
                    let lines = said.errorText.split(separator: "\n")
                    if suffix.isEmpty {
                        #expect(lines.count == 2 && lines[0].hasPrefix("vault: error: "), "\(said.errorText)")
                    } else {
                        let json = try JSONSerialization.jsonObject(with: Data(said.error)) as? [String: Any]
                        let error = json?["error"] as? [String: Any]
                        #expect(error?["code"] as? Int == (isExec ? 125 : 1), "\(said.errorText)")
                    }
                }
            }
            #expect(try Data(contentsOf: URL(filePath: sandbox.folder + "/v/vault.db")) == before)
        }

        @Test func `too few descriptors give one error, and no argument is dropped (case 92)`() async throws {
            let sandbox = try await world()
            for limit in [10, 31] {
                try await expectOneError("prlimit --nofile=\(limit)", saying: "open files", in: sandbox)
            }
            // Below this the dynamic loader fails; nothing must look like success.
            for limit in 3..<10 {
                let said = try await sandbox.shell("prlimit --nofile=\(limit) vault audit verify")
                #expect(said.status != 0 && said.text == "", "\(limit)")
            }
            #expect(try await sandbox.shell("prlimit --nofile=32 vault audit verify").status == 0)
        }

        @Test(.enabled(if: geteuid() == 0, "skipped: mounts are root's"))
        func `a machine without /proc gives one error (case 93)`() async throws {
            let sandbox = try await world()
            let script = #"mount -t tmpfs none /proc && exec "$@""#
            try await expectOneError("unshare -m sh -c '\(script)' sh", saying: "not mounted", in: sandbox)
        }

        @Test func `too little memory gives one error (case 94)`() async throws {
            let sandbox = try await world()
            try await expectOneError("prlimit --data=\(48 << 20)", saying: "not enough memory", in: sandbox)
            try await expectOneError("prlimit --stack=\(256 << 10)", saying: "not enough stack", in: sandbox)
        }

        @Test func `an agent that lacks memory reports it to the command that starts it (case 94)`()
            async throws
        {
            let sandbox = try await world()
            let said = try await sandbox.shell("prlimit --data=\(80 << 20) vault unlock")
            #expect(said.status == 1)
            #expect(said.errorText.contains("vault-agent: "), "\(said.errorText)")
            #expect(said.errorText.split(separator: "\n").count == 2)
        }

        @Test(.enabled(if: geteuid() == 0, "skipped: only root can become another user"))
        func `a process limit gives one error, and no command hangs (case 94)`() async throws {
            let sandbox = try await world()
            // The limit counts the processes of a user; this user has no others.
            unsafe chmod(sandbox.folder, 0o711)
            for name in ["v", "v/vault.db", "ana.key"] {
                unsafe chown("\(sandbox.folder)/\(name)", 54_321, 54_321)
            }
            let user = "setpriv --reuid 54321 --regid 54321 --clear-groups --"
            let prefix = "HOME=/nonexistent XDG_STATE_HOME=/tmp/none-54321 prlimit --nproc=1 \(user)"
            try await expectOneError(prefix, saying: "can't start threads", in: sandbox)
        }

        @Test func `a file size limit fails the write, and changes nothing (case 94)`()
            async throws
        {
            let sandbox = try await world()
            // The child has the default disposition of the signal.
            let child = try await sandbox.shell("vault exec A -- sh -c 'ulimit -f 0; echo x > big'")
            #expect(child.status == 128 + SIGXFSZ || child.status != 0)
            let before = try Data(contentsOf: URL(filePath: sandbox.folder + "/v/vault.db"))
            for command in ["secret set A token --from stdin", "backup create out.db"] {
                let said = try await sandbox.shell(
                    "printf other | (ulimit -f 1; vault \(command) 2>&1 | cat)")
                #expect(said.text.contains("file size limit reached"), "\(command): \(said.text)")
                let status = try await sandbox.shell(
                    "ulimit -f 1; printf other | vault \(command) 2>/dev/null")
                #expect(status.status == 1, "\(command)")
            }
            #expect(!sandbox.exists("out.db") && !sandbox.exists("out.db.part"))
            #expect(try Data(contentsOf: URL(filePath: sandbox.folder + "/v/vault.db")).count == before.count)
            #expect(try await sandbox.vault("audit", "verify").status == 0)
        }

        @Test(
            .enabled(
                if: hasStrace && geteuid() == 0, "skipped: needs strace and root"))
        func `a machine without randomness gives one error (case 94)`() async throws {
            let sandbox = try await world()
            for error in ["ENOSYS", "EPERM", "EIO"] {
                let script = #"mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && exec "$@""#
                let trace = "strace -f -qq -o /dev/null -e trace=getrandom -e inject=getrandom:error=\(error)"
                for command in ["audit verify", "exec A -- true", "secret set A token --from stdin"] {
                    let said = try await sandbox.shell(
                        "printf x | unshare -m sh -c '\(script)' sh \(trace) vault \(command)")
                    #expect(
                        said.status == (command.contains("exec") ? 125 : 1), "\(error): \(said.errorText)")
                    #expect(said.errorText.contains("random numbers"), "\(error): \(said.errorText)")
                    #expect(said.errorText.split(separator: "\n").count == 2)
                }
            }
        }
    }
#endif

/// System calls interrupted by signals.
@Suite struct InterruptionTests {
    // Without SA_RESTART a signal handler interrupts the wait with EINTR.
    @Test func `a wait for a lock continues after signals (case 95)`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            var action = sigaction()
            #if canImport(Glibc)
                unsafe action.__sigaction_handler.sa_handler = { _ in }
            #else
                unsafe action.__sigaction_u.__sa_handler = { _ in }
            #endif
            unsafe sigaction(SIGALRM, &action, nil)
            let path = "/tmp/vault-lock-\(getpid())"
            let held = unsafe platform_open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
            let wanted = unsafe platform_open(path, O_RDWR | O_CLOEXEC, 0)
            unsafe unlink(path)
            guard held >= 0, wanted >= 0, platform_lock(held, LOCK_EX) == 0 else { exit(2) }
            let main = pthread_self()
            let gate = held
            let thread = Thread {
                for _ in 0..<50 {
                    usleep(2_000)
                    pthread_kill(main, SIGALRM)
                }
                platform_lock(gate, LOCK_UN)
            }
            thread.start()
            exit(platform_lock(wanted, LOCK_EX) == 0 ? 0 : 1)
        }
    }
}
