import ArgumentParser
import VaultCore
import VaultMasking
import VaultMemory
import VaultWire

/// `vault exec`: runs a command with what a connection gives, and masks it in the command's output.
struct ExecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run a command with a connection's variables; its output is masked.",
        discussion: """
            vault exec NAME … -- COMMAND …
            vault exec 'Celonis prod' -- python push.py
            Several connections may be named. The status is the command's own, or 128+n for a signal.
            """, aliases: ["run"])

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The connections.") var names: [String]
    @Option(help: ArgumentHelp("Give only this variable; again for more.", valueName: "variable")) var only:
        [String] = []
    @Flag(help: "Give the command nothing of the environment but PATH, HOME and their like.") var pristine =
        false
    @Flag(help: "Hand the terminal over: the command replaces this program, and nothing is masked.")
    var noMasking = false

    /// What stands behind `--`. The parser is not given it: it cannot tell names from a command of any words.
    private var command: [String] { ExecCommand.split(ProcessArguments.all).child }

    /// The arguments of this program, and those of the command behind the first `--`.
    static func split(_ arguments: [String]) -> (own: [String], child: [String]) {
        guard let first = arguments.first, ["exec", "run", "proxy"].contains(first) else {
            return (arguments, [])
        }
        let own = arguments.prefix { $0 != "--" }
        return (Array(own), Array(arguments.dropFirst(own.count + 1)))
    }

    func run() throws {
        try Execution(
            context: Context(options), names: names, only: only, pristine: pristine, noMasking: noMasking,
            command: command
        ).run()
    }
}

/// `exec` with what it was given, however that was read.
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
        } catch let failure as Failure where failure.code == .unexpected {
            throw Failure(.execFailed, problems: failure.problems)
        }
    }

    private func runCommand() throws -> Int32 {
        guard let program = command.first else {
            throw Failure(.usage, "there is no command to run", next: "vault exec NAME -- COMMAND …")
        }
        var vault: Vault?
        defer { vault?.settle() }
        let variables = try variables(for: String(program.split(separator: "/").last ?? ""), opening: &vault)
        let files = try SecretFiles(variables.filter(\.isFile), handedOver: noMasking)
        defer { files.remove() }
        do throws(ChildError) {
            var environment = ChildEnvironment(inheriting: pristine ? .pristine : .everything)
            for variable in variables {
                let path = files.path(of: variable.name).map { [EnvironmentPiece.text($0)] }
                try environment.set(variable.name, pieces: path ?? variable.pieces.map(EnvironmentPiece.init))
            }
            ProcessHardening.restoreForChildren()
            let masked = variables.flatMap(\.secrets).map { LentSecret($0) as any LentBytes }
            if !noMasking,
                let short = variables.first(where: {
                    $0.secrets.contains { !MaskedForms.covers(LentSecret($0)) }
                })
            {
                ErrorReport.warn(
                    "the secret in \(short.name) is too short to be masked in the command's output")
            }
            return try Child.run(
                command, environment: environment, output: noMasking ? .handedOver : .masked(masked),
                starting: ProcessHardening.inherited.starting, meanwhile: { vault?.settle() })
        } catch {
            throw error.failure
        }
    }
}

extension Execution {
    /// Where there is no agent, this process opens the vault, which is to be settled once the command runs. No lock is held
    /// when this returns. The file itself stays open until this program ends: closing it would bring its log in, and wait
    /// for the disk three times more.
    private func variables(for program: String, opening opened: inout Vault?) throws -> [ChildVariable] {
        let secrets = try SecretsIn(context)
        let question = OpenVariables(of: names, only: Set(only), program: program)
        if let agent = try secrets.agent(context) {
            return try context.failing { () throws(VaultError) in
                do throws(VaultError) { return try agent.perform(question) } catch {
                    guard case .needsToken = error else { throw error }
                    return try agent.ask(OpenMintedVariables(of: names, only: Set(only), program: program))
                }
            }
        }
        let vault = try context.open()
        _ = unsafe Unmanaged.passRetained(vault)
        vault.settlesLater = true
        opened = vault
        let needsTokens = try context.failing { () throws(VaultError) in
            try vault.needsTokens(names, only: Set(only))
        }
        guard needsTokens else {
            return try context.perform(question, try secrets.access(context, to: vault))
        }
        let agent = try secrets.networkAgent(context, vault)
        return try context.failing { () throws(VaultError) in
            try agent.ask(OpenMintedVariables(of: names, only: Set(only), program: program))
        }
    }
}

extension EnvironmentPiece {
    init(_ piece: ChildVariable.Piece) {
        switch piece {
        case .text(let text): self = .text(text)
        case .secret(let secret): self = .secret(LentSecret(secret))
        case .token: preconditionFailure("a variable without its token")
        }
    }
}
