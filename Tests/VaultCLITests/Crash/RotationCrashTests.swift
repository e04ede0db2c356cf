import Foundation
import StandIn
import TestSupport
import Testing

/// A credential's rotation, killed between and within its steps, and run concurrently.
@Suite(.serialized, .dedicatedThread, .enabled(if: Victim.isBuilt))
struct RotationCrashTests {
    private static let host = "team.us-1.celonis.cloud"
    /// How often each of the steps is killed.
    private static let kills = max(6, CrashTests.kills / 8)

    /// A vault with the connection A, and a Celonis stand-in that accepts its key.
    private struct Scene {
        let program: Victim
        let celonis: Celonis

        init() async throws {
            let directory = TemporaryDirectory()
            let certificates = try TestCertificates(in: directory.path, names: [RotationCrashTests.host])
            celonis = try await Celonis(certificates: certificates)
            program = try Victim(environment: [
                "VAULT_CONNECT_TO": "\(RotationCrashTests.host):443:127.0.0.1:\(celonis.port)",
                "PATH": "\(Binary.folder):/usr/bin:/bin",
            ])
            try program.initialize()
            // Lives as long as the vault.
            try FileManager.default.copyItem(
                atPath: certificates.authority, toPath: program.folder + "/ca.pem")
            celonis.change { $0.appKeys = ["key-0"] }
            let made = try program.run(try program.creation("A", "key-0"))
            try #require(made.status == 0, "\(made.error)")
        }

        private var trusting: String { "SSL_CERT_FILE='\(program.folder)/ca.pem' exec " }

        /// Runs a command in a shell, or kills it and its children.
        func run(_ command: String, killedAfter delay: UInt32? = nil) throws -> Victim.Outcome {
            try program.run(["-c", trusting + command], program: "/bin/sh", killedAfter: delay)
        }

        /// The stage of the rotation and its next command, from `rotate status`.
        func status() throws -> (stage: String, next: String)? {
            let said = try program.must("rotate", "status", "A", "--json")
            for line in said.split(separator: "\n") {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                guard let stage = object?["stage"] as? String, stage != "overlap" else { continue }
                return (stage, object?["next"] as? String ?? "")
            }
            return nil
        }

        func count(_ action: String) throws -> Int {
            try program.must("audit", "log", "--action", action, "--json").split(separator: "\n").count
        }

        /// The duration of a command in microseconds.
        func time(_ command: String) throws -> Double {
            let start = ContinuousClock.now
            let outcome = try run(command)
            try #require(outcome.status == 0, "\(outcome.error)")
            return (ContinuousClock.now - start) / .microseconds(1)
        }
    }

    // case 26
    @Test func `after any killed step, the next step that status shows continues the rotation`()
        async throws
    {
        let scene = try await Scene()
        let program = scene.program
        func start(_ number: Int) throws -> String {
            scene.celonis.change { $0.appKeys.insert("key-\(number)") }
            return "vault rotate start A --secret app-key=\(try program.source("key-\(number)"))"
        }
        var times: [Double] = []
        for step in [try start(1), "vault rotate test A", "vault rotate finish A"] {
            times.append(try scene.time(step))
        }
        var now = 1
        for number in 2...(Self.kills + 1) {
            let part = Double(number - 1) / Double(Self.kills)
            // Killed during the start: there is a pending version, or none.
            var outcome = try scene.run(try start(number), killedAfter: UInt32(times[0] * part))
            if try scene.status() == nil {
                #expect(outcome.wasKilled)
                try #require(try scene.run(try start(number)).status == 0)
            }
            for (step, stages) in [(1, ["pending", "tested"]), (2, ["tested", ""])] {
                let before = try #require(try scene.status())
                #expect(before.stage == stages[0] && before.next.hasPrefix("vault rotate "))
                #expect(try program.holds("A", "key-\(now)"))
                outcome = try scene.run(before.next, killedAfter: UInt32(times[step] * part))
                if try scene.status()?.stage == stages[0] {
                    #expect(outcome.wasKilled, "\(outcome.error)")
                    // The command that status shows continues the rotation.
                    let again = try scene.run(try #require(try scene.status()).next)
                    #expect(again.status == 0, "\(again.error)")
                }
                #expect(try scene.status()?.stage ?? "" == stages[1])
            }
            now = number
            #expect(try program.holds("A", "key-\(now)"))
            try program.must("audit", "verify", "--secrets")
        }
        #expect(try scene.count("rotation.finish") == now)
    }

    // case 26
    @Test func `a killed rotation with a hook resumes with the next run`()
        async throws
    {
        let scene = try await Scene()
        let program = scene.program
        let hook = program.folder + "/hook"
        // Celonis knows each created key.
        try """
        #!/bin/sh
        curl -sS --fail -X POST -H "Authorization: Bearer $CELONIS_API_TOKEN" "$CELONIS_URL/test/new-app-key" \\
            | sed -n 's/.*"key":"\\([^"]*\\)".*/\\1/p' >&"$VAULT_NEW_SECRET_FD"
        """.write(toFile: hook, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: hook)
        try program.must("connection", "annotate", "A", "--rotate-with", hook)
        let whole = try scene.time("vault rotate A")
        for number in 1...(2 * Self.kills) {
            let moment = UInt32(whole * Double(number) / Double(2 * Self.kills))
            let outcome = try scene.run("vault rotate A", killedAfter: moment)
            #expect(outcome.wasKilled || outcome.status == 0, "\(outcome.error)")
            #expect(try scene.run("vault connection test A").status == 0)
            let again = try scene.run("vault rotate A")
            #expect(again.status == 0, "kill \(number): \(again.error)")
            #expect(try scene.status() == nil)
            #expect(try scene.run("vault connection test A").status == 0)
        }
        try program.must("audit", "verify", "--secrets")
        // The current key is one of the created ones.
        #expect(try scene.count("rotation.finish") <= scene.celonis.state.made)
    }

    // case 29
    @Test func `of concurrent starts, finishes or aborts one wins, and the others report it`() async throws {
        let scene = try await Scene()
        let program = scene.program
        func race(_ commands: [String]) throws -> [(status: Int32, said: String)] {
            let running = try commands.map { command in
                let process = program.process(["-c", "exec " + command], program: "/bin/sh")
                let error = Pipe()
                process.standardOutput = FileHandle.nullDevice
                process.standardError = error
                try Victim.start(process)
                return (process, Reading(error))
            }
            return running.map { process, reading in
                let said = String(decoding: reading.wait(), as: UTF8.self)
                process.waitUntilExit()
                return (process.terminationStatus, said)
            }
        }
        for number in 1...Self.kills {
            let starts = try race(
                try (0..<4).map {
                    "vault rotate start A --secret app-key=\(try program.source("key-\(number)-\($0)"))"
                })
            #expect(starts.map(\.status).sorted() == [0, 18, 18, 18])
            for loser in starts where loser.status == 18 {
                #expect(loser.said.contains("a rotation of app-key of 'A' is in progress, started by ana on"))
            }
            let winner = try #require(starts.firstIndex { $0.status == 0 })
            let ends = try race(
                [
                    "vault rotate finish A --untested", "vault rotate abort A",
                    "vault rotate finish A --untested",
                ])
            #expect(ends.map(\.status).sorted() == [0, 64, 64])
            for loser in ends where loser.status == 64 {
                #expect(loser.said.contains("no rotation of 'A' is in progress"))
            }
            if ends[1].status != 0 { #expect(try program.holds("A", "key-\(number)-\(winner)")) }
            #expect(try scene.status() == nil)
        }
        try program.must("audit", "verify", "--secrets")
    }
}
