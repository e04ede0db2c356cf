import ArgumentParser
import VaultCore
import VaultMasking
import VaultMemory
import VaultWire

/// `vault exec`: runs a command with the variables of connections.
struct ExecCommand: Command, ExampleProviding {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a command with the variables of connections, and mask its output.",
        usage: "vault exec [<options>] <names> ... -- <command> ...",
        discussion: """
            The command follows --. The exit status is the command's own, or 128+n if signal n ended it; 125 if vault failed.
            """, aliases: ["run"])

    static let examples = [
        "vault exec 'Celonis prod' -- python push.py",
        "vault exec 'Celonis prod' Warehouse --only CELONIS_API_TOKEN --only PGPASSWORD -- make sync",
    ]

    @OptionGroup(title: "Global options") var options: GlobalOptions
    @Argument(help: "The connections.") var names: [String]
    @Option(help: .init("Set only this variable; repeatable.", valueName: "variable")) var only: [String] = []
    @Flag(help: "Remove all inherited variables except PATH, HOME, locale and the like.") var pristine = false
    @Flag(help: "Replace this program with the command, and mask nothing.") var noMasking = false

    /// The words after `--`. They are not passed to the parser, which could not tell them from names.
    private var command: [String] { ExecCommand.split(ProcessArguments.all).child }

    static func split(_ arguments: [String]) -> (own: [String], child: [String]) {
        guard let first = arguments.first, ["exec", "run", "proxy"].contains(first) else {
            return (arguments, [])
        }
        let own = arguments.prefix { $0 != "--" }
        return (Array(own), Array(arguments.dropFirst(own.count + 1)))
    }

    func run(_ context: Context) throws {
        try Execution(
            context: context, names: names, only: only, pristine: pristine, noMasking: noMasking,
            command: command
        ).run()
    }
}

/// An `exec` with its parsed arguments.
struct Execution {
    let context: Context
    let names: [String]
    let only: [String]
    let pristine: Bool
    let noMasking: Bool
    let command: [String]

    func run() throws {
        do {
            throw ExitStatus(try runCommand())
        } catch let error as any ReportableError where error.failure.code == .unexpected {
            throw Failure(.execFailed, problems: error.failure.problems)
        }
    }

    private func runCommand() throws -> Int32 {
        guard let program = command.first else { throw ChildError.noCommand }
        var vault: Vault?
        defer { vault?.settle() }
        let variables = try variables(for: String(program.split(separator: "/").last ?? ""), opening: &vault)
        let files = try SecretFiles(variables.filter(\.isFile), handedOver: noMasking)
        defer { files.remove() }
        var environment = ChildEnvironment(inheriting: pristine ? .pristine : .everything)
        for variable in variables {
            let path = files.path(of: variable.name).map { [EnvironmentPiece.text($0)] }
            try environment.set(variable.name, pieces: path ?? variable.pieces.map(EnvironmentPiece.init))
        }
        ProcessHardening.restoreCallerUmask()
        let masked = variables.flatMap(\.secrets)
        if !noMasking,
            let short = variables.first(where: { !$0.secrets.allSatisfy(SecretPatterns.covers) })
        {
            ErrorReport.warn("the secret in \(short.name) is too short to be masked in the output")
        }
        return try ChildProcess.run(
            command, environment: environment, output: noMasking ? .handedOver : .masked(masked),
            starting: ProcessHardening.inherited.launchState, onStart: { vault?.settle() })
    }
}

extension Execution {
    /// Opens the variables, in the agent or in this process.
    ///
    /// Without an agent this process opens the vault, and `opened` must be settled once the command runs. No lock is held
    /// on return. The file stays open until the process ends: closing it would checkpoint the write-ahead log, which waits
    /// for the disk three more times.
    private func variables(for program: String, opening opened: inout Vault?) throws -> [ChildVariable] {
        let secrets = try CommandSecrets(context)
        let question = OpenVariables(of: names, only: Set(only), program: program)
        let withTokens = OpenVariablesWithTokens(of: names, only: Set(only), program: program)
        if let agent = try secrets.agent(context) {
            do { return try agent.perform(question) } catch .use(.needsToken) {
                return try agent.perform(withTokens)
            }
        }
        let vault = try context.open()
        _ = unsafe Unmanaged.passRetained(vault)
        vault.settlesLater = true
        opened = vault
        guard try vault.perform(NeedsTokens(names, only: Set(only))) else {
            return try context.perform(question, secrets.access(context, to: vault))
        }
        return try secrets.networkAgent(context, vault).perform(withTokens)
    }
}
