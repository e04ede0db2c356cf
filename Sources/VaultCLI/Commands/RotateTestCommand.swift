import ArgumentParser
import VaultCore
import VaultLedger
import VaultWire

extension RotateCommand {
    /// Tries what is pending at the provider: of a client with every connection that uses it.
    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Send the test request with what is pending: 0 when it passed, 3 when not.",
            discussion:
                "A client's secret is tried with every connection that uses it. What is used stays as it is.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The connection or client.") var owner: String

        func run() throws {
            let context = Context(options)
            let secrets = try SecretsIn(context)
            let vault = try context.open()
            let test = try PendingTest(of: owner, in: vault, context)
            let step = try test.run(context, try secrets.networkAgent(context, vault))
            try context.receipt(
                step, "\(step.text) passed its test\(test.with)", next: "vault rotate finish '\(step.owner)'",
                connections: step.kind == .client ? test.connections : nil)
        }
    }
}

/// What is pending, to be tried at the provider: of a client with every connection that uses it.
struct PendingTest {
    let owner: String
    let versions: [FieldVersion]
    let connections: [String]

    init(of owner: String, in vault: Vault, _ context: Context) throws {
        let (pending, connections) = try context.failing { () throws(VaultError) in
            let pending = try vault.rotations(of: owner).first { $0.stage != .overlap }
            let isClient = try vault.secrets(of: owner).kind == .client
            return (pending, isClient ? try vault.connections(of: owner) : [owner])
        }
        guard let pending else { throw Failure(.rotation(.nothingPending(owner: owner))) }
        guard !connections.isEmpty else {
            throw Failure(
                .refused, "no connection uses '\(owner)', so there is nothing to try it with",
                next: "vault rotate finish '\(owner)' --untested, which the ledger is told")
        }
        self.owner = owner
        versions = pending.versions
        self.connections = connections
    }

    /// Of a client's secret: what it was tried with.
    var with: String {
        connections == [owner] ? "" : " with \(connections.named)"
    }

    /// Makes every request, and has the outcome recorded; whatever failed is thrown after that.
    func run(_ context: Context, _ agent: AgentConnection) throws -> RotationStep {
        var tried: [RotationTest.Trial] = []
        var failures: [Failure.Problem] = []
        for name in connections {
            let outcome = try context.failing { () throws(VaultError) in
                try agent.ask(TestConnection(name, label: .pending))
            }
            let why = outcome.passed ? nil : outcome.why ?? "it was not as it should be"
            tried.append(.init(connection: name, failure: why))
            guard let why else {
                // Said in any case: with another one it may fail.
                if connections.count > 1 { ErrorReport.note("'\(name)' works with what is pending") }
                continue
            }
            failures.append(
                .init(
                    "the test of '\(name)' with what is pending failed: \(why)",
                    next: outcome.next ?? "vault rotate start '\(owner)' --replace, or vault rotate abort"))
        }
        let test = RotationTest(of: owner, versions: versions, tried: tried)
        let step = try context.perform(RecordRotationTest(test), agent)
        guard failures.isEmpty else { throw Failure(.due, problems: failures) }
        return step
    }
}

extension [String] {
    /// Names in a sentence; of many the first ones.
    var named: String {
        let first = prefix(10).map { "'\($0)'" }.joined(separator: ", ")
        return count > 10 ? "\(first) and \(count - 10) more" : first
    }
}
