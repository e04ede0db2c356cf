import ArgumentParser
import VaultCore
import VaultLedger
import VaultWire

extension RotateCommand {
    /// Tests the pending credential; a client's with every connection that uses it.
    struct Test: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Send the test request with the pending credential. The current one stays in use.",
            discussion: """
                A client's secret is tested with every connection that uses it. Exits with 0 if the tests pass, and with 3 if \
                one fails.
                """)
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: "The connection or client.") var owner: String

        func run() throws {
            let context = Context(options)
            let secrets = try CommandSecrets(context)
            let vault = try context.open()
            let test = try PendingTest(of: owner, in: vault, context)
            let step = try test.run(context, try secrets.networkAgent(context, vault))
            try context.receipt(
                step, "\(step.text) passed its test\(test.with)", next: "vault rotate finish '\(step.owner)'",
                connections: step.kind == .client ? test.connections : nil)
        }
    }
}

/// A test of a pending credential; a client's with every connection that uses it.
struct PendingTest {
    let owner: String
    let versions: [FieldVersion]
    let connections: [String]

    init(of owner: String, in vault: Vault, _ context: Context) throws {
        let rotations = try context.answer(ListRotations(of: owner), vault)
        let isClient = try context.answer(ShowOwner(nil, owner), vault).kind == .client
        let connections = isClient ? try context.answer(ListClientUsers(of: owner), vault) : [owner]
        guard let pending = rotations.first(where: { $0.stage != .overlap }) else {
            throw Failure(.rotation(.nothingPending(owner: owner)))
        }
        guard !connections.isEmpty else {
            throw Failure(
                .refused, "can't test '\(owner)': no connection uses it",
                next: "vault rotate finish '\(owner)' --untested, which is recorded in the ledger")
        }
        self.owner = owner
        versions = pending.versions
        self.connections = connections
    }

    /// For a client, the connections of the test.
    var with: String {
        connections == [owner] ? "" : " with \(connections.quoted)"
    }

    /// Sends all requests, and records the outcome.
    ///
    /// - Throws: A failure with a problem for each failed test, after the outcome is recorded.
    func run(_ context: Context, _ agent: AgentConnection) throws -> RotationStep {
        var tried: [RotationTest.Trial] = []
        var failures: [Failure.Problem] = []
        for name in connections {
            let outcome = try context.mapErrors { () throws(VaultError) in
                try agent.send(TestConnection(name, label: .pending))
            }
            let why = outcome.passed ? nil : outcome.why ?? "unexpected response"
            tried.append(.init(connection: name, failure: why))
            guard let why else {
                // Reported at once: the test of another one may fail.
                if connections.count > 1 { ErrorReport.note("'\(name)' passed with the pending credential") }
                continue
            }
            failures.append(
                .init(
                    "the test of '\(name)' with the pending credential failed: \(why)",
                    next: outcome.next
                        ?? "vault rotate start '\(owner)' --replace, or vault rotate abort '\(owner)'"))
        }
        let test = RotationTest(of: owner, versions: versions, tried: tried)
        let step = try context.perform(RecordRotationTest(test), agent)
        guard failures.isEmpty else { throw Failure(.due, problems: failures) }
        return step
    }
}
