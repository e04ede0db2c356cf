import VaultCore

/// Splits a command line into options, flags and operands without the argument parser.
///
/// The parser finds options by reflection, which takes longer than the rest of a short command. So the commands that
/// scripts call most are parsed here, in their plain spellings only. For anything else (help, an unknown word, a missing
/// value) the parser takes over. A test compares both (docs/decisions/0023-hot-commands-without-the-parser.md).
struct PlainArguments {
    private(set) var operands: [String] = []
    private var values: [(option: String, value: String)] = []
    private var flags: [String] = []

    /// Returns nil if a word is unknown here, or needs the parser.
    ///
    /// - Parameter lists: Options with a value that may appear several times.
    init?(_ words: some Sequence<String>, lists: [String] = [], flags: [String] = []) {
        let known = flags + Self.globalFlags
        var words = words.makeIterator()
        while let word = words.next() {
            if !word.utf8.starts(with: "-".utf8) {
                operands.append(word)
            } else if lists.contains(word) || Self.globalOptions.contains(word) && value(word) == nil {
                guard let value = words.next(), !value.utf8.starts(with: "-".utf8) else { return nil }
                values.append((word, value))
            } else {
                guard known.contains(word), !has(word) else { return nil }
                self.flags.append(word)
            }
        }
    }

    func has(_ flag: String) -> Bool { flags.contains(flag) }

    func value(_ option: String) -> String? { values.first { $0.option == option }?.value }

    func list(_ option: String) -> [String] { values.filter { $0.option == option }.map(\.value) }
}

extension PlainArguments {
    private static let globalOptions = [
        "--vault", "--member", "--key-file", "--passphrase-from", "--recovery-from", "--reason",
    ]
    private static let globalFlags = ["--json", "--no-input"]

    var global: GlobalValues {
        GlobalValues(
            vault: value("--vault"), member: value("--member"), keyFile: value("--key-file"),
            passphraseFrom: value("--passphrase-from"), recoveryFrom: value("--recovery-from"),
            json: has("--json"), noInput: has("--no-input"), reason: value("--reason"))
    }
}

/// A command that is parsed without the argument parser.
enum PlainCommand {
    case show(GlobalValues, name: String)
    case exec(Execution)

    /// - Parameters:
    ///   - arguments: The words before `--`.
    ///   - child: The words after `--`.
    init?(_ arguments: [String], child: [String]) {
        switch (arguments.first, arguments.dropFirst().first) {
        case ("connection", "show"), ("conn", "show"):
            guard let words = PlainArguments(arguments.dropFirst(2)), words.operands.count == 1 else {
                return nil
            }
            self = .show(words.global, name: words.operands[0])
        case ("exec", _), ("run", _):
            guard
                let words = PlainArguments(
                    arguments.dropFirst(), lists: ["--only"], flags: ["--pristine", "--no-masking"]),
                !words.operands.isEmpty
            else { return nil }
            self = .exec(
                Execution(
                    context: Context(words.global), names: words.operands, only: words.list("--only"),
                    pristine: words.has("--pristine"), noMasking: words.has("--no-masking"), command: child))
        default: return nil
        }
    }

    func run() throws {
        switch self {
        case .show(let global, let name): try Context(global).show(.connection, name)
        case .exec(let execution): try execution.run()
        }
    }
}
