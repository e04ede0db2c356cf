import Foundation
import StandIn
import TestSupport
import Testing

/// The runbooks: each command runs on a terminal, in order, and prints what is written below it.
@Suite struct RunbookTests {
    private static let folder = Repository.file("docs/runbooks")

    static let names: [String] =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter {
            $0.hasSuffix(".md")
        }.sorted()

    private struct Step {
        let command: String
        var says: [String] = []
    }

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    /// The commands in a document's code blocks, with their output.
    private static func steps(_ name: String) throws -> [Step] {
        var steps: [Step] = []
        var indent: Int?
        for line in try text(name).split(separator: "\n", omittingEmptySubsequences: false) {
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                indent = indent == nil ? line.prefix { $0 == " " }.count : nil
            } else if let indent {
                let rest = String(line.dropFirst(indent))
                if rest.hasPrefix("$ ") {
                    steps.append(Step(command: String(rest.dropFirst(2))))
                } else if !steps.isEmpty {
                    steps[steps.count - 1].says.append(rest)
                }
            }
        }
        return steps
    }

    private static func settled(_ text: String) -> String {
        text.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, with: "<TIME>")
    }

    @Test func `covers each case`() {
        #expect(Self.names == ["leak-at-night.md", "one-key-only.md", "planned-rotation.md"])
    }

    @Test(arguments: names)
    func `every command prints what the runbook shows`(name: String) async throws {
        let scene = try await NetworkTests.Scene()
        try #require(
            try await scene.vault("connection", "annotate", "Celonis prod", "--rotate-every", "app-key=10d")
                .status == 0)
        let steps = try Self.steps(name)
        #expect(steps.count >= 5)
        for (number, step) in steps.enumerated() {
            let outcome = try await type(step.command, key: "new-key-\(number)", scene, name)
            // `due` exits with 3 if something is due.
            let expected: Int32 = step.command.hasPrefix("vault due") ? 3 : 0
            #expect(outcome.status == expected, "\(step.command): \(outcome.errorText)")
            if !step.says.isEmpty {
                let says = step.says.joined(separator: "\n") + "\n"
                #expect(Self.settled(outcome.text) == Self.settled(says), "\(step.command)")
            }
            #expect(!outcome.text.contains("new-key") && !outcome.errorText.contains("new-key"))
        }
        #expect(try await scene.vault("connection", "test", "Celonis prod").status == 0)
        #expect(try await scene.vault("audit", "verify", "--secrets").status == 0)
    }

    /// Runs a command on a terminal, and answers a prompt with a key that the provider knows.
    private func type(
        _ command: String, key: String, _ scene: NetworkTests.Scene, _ name: String
    ) async throws -> Launch.Outcome {
        let pty = try Pty()
        var shell = Launch(
            path: "/bin/sh", arguments: ["sh", "-c", command],
            environment: scene.sandbox.named.merging(scene.network) { $1 })
        shell.terminal = pty.path
        let running = try shell.start()
        if command.contains("=prompt") || command == "vault rotate 'Celonis prod'" {
            try await pty.wait(for: "App key of Celonis prod (? for help): ")
            scene.celonis.change { state in
                if name == "one-key-only.md" { state.appKeys = [] }
                state.appKeys.insert(key)
            }
            try await pty.type(key + "\r")
        }
        return try await running.outcome()
    }

    @Test(arguments: names)
    func `every command and flag in the text exists`(name: String) async throws {
        let sandbox = try Sandbox()
        let prose = try Self.text(name).replacing(/```[^`]*```/, with: "")
        let named = prose.matches(of: /`vault ([^`]+)`/).map { String($0.1) }
        #expect(!named.isEmpty || name == "one-key-only.md")
        for command in named {
            let parts = command.split(separator: " ").map(String.init)
            let words = Array(
                parts.prefix { $0.allSatisfy { $0.isLowercase || $0 == "-" } && !$0.hasPrefix("-") })
            let help = try await sandbox.program(["help"] + words).start().outcome()
            #expect(help.status == 0 && help.text.contains("USAGE: vault " + words.joined(separator: " ")))
            for flag in parts where flag.hasPrefix("--") { #expect(help.text.contains(flag), "\(command)") }
        }
    }
}
