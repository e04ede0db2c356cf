import ArgumentParser
import VaultCore
import VaultWire
import VaultLedger

extension RotateCommand {
    /// Tests the pending credential; a client's with every connection that uses it.
    struct Test: Command {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Send the test request with the pending credential. The current one stays in use.",
            discussion: """
                A client's secret is tested with every connection that uses it. Exits with 0 if the tests pass, and with 3 if \
                one fails.
                """)
        @OptionGroup(title: "Global options") var options: GlobalOptions
        @Argument(help: .init("The connection or client.", valueName: "name")) var owner: String

        func run(_ context: Context) throws {
            let secrets = try CommandSecrets(context)
            let vault = try context.open()
            let test = try PendingTest(of: owner, in: vault)
            let step = try test.run(context, try secrets.networkAgent(context, vault))
            try context.receipt(
                step, "passed its test\(test.with)", next: "vault rotate finish '\(step.owner)'",
                connections: step.kind == .client ? test.connections : nil)
        }
    }
}

/// A test of a pending credential; a client's with every connection that uses it.
struct PendingTest {
    let owner: String
    let versions: [FieldVersion]
    let connections: [String]

    init(of owner: String, in vault: Vault) throws {
        let rotation = try vault.rotationInProgress(of: owner)
        let details = try vault.perform(ShowOwner(nil, owner))
        let isClient = details.kind == .client
        connections = isClient ? try vault.perform(ListClientUsers(of: owner)) : [owner]
        guard let rotation else {
            throw VaultError.rotation(
                .nothingPending(owner: owner, fields: details.secrets.filter(\.isCurrent).map(\.field)))
        }
        guard !connections.isEmpty else {
            throw Failure.refused("can't test '\(owner)': no connection uses it")
                .next("vault rotate finish '\(owner)' --untested, which is recorded in the ledger")
        }
        self.owner = owner
        versions = rotation.versions
    }

    /// For a client, the connections of the test.
    var with: String { connections == [owner] ? "" : " with \(connections.quoted)" }

    /// Sends all requests, and records the outcome.
    ///
    /// - Throws: A failure with a problem for each failed test, after the outcome is recorded.
    func run(_ context: Context, _ agent: AgentConnection) throws -> RotationStep {
        var tried: [RecordRotationTest.Trial] = []
        var failures: [Failure.Problem] = []
        for name in connections {
            let outcome = try agent.perform(TestConnection(name, label: .pending))
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
        let record = RecordRotationTest(of: owner, versions: versions, tried: tried)
        let step = try context.perform(record, agent)
        guard failures.isEmpty else { throw Failure(.due, problems: failures) }
        return step
    }
}
