/// The source of a secret: `prompt`, `stdin`, `file:PATH` or `fd:N`.
///
/// A literal and an environment variable are not sources (cases 53, 54).
enum SecretSource: Equatable, Sendable {
    case prompt
    case stdin
    case file(String)
    case descriptor(Int32)

    /// Parses the value of an option.
    ///
    /// - Parameter example: The beginning of a valid option, up to the source; nil for the option and a space.
    /// - Throws: A usage failure that does not repeat the text, which may be the secret.
    init(_ text: String, option: String, example: String? = nil) throws(Failure) {
        let example = example ?? option + " "
        let descriptor = "use \(example)fd:3 3<FILE"
        switch text {
        case "prompt": self = .prompt
        case "stdin", "fd:0": self = .stdin
        case _ where text.hasPrefix("file:"):
            let path = String(text.dropFirst(5))
            guard !path.isEmpty, !path.utf8.contains(0) else {
                throw .usage("\(option): file: needs a path").next("use \(example)file:PATH")
            }
            self = .file(path)
        case _ where text.hasPrefix("fd:"):
            let digits = text.dropFirst(3)
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int32(digits),
                number > 0
            else { throw .usage("\(option): fd: needs the number of an open file").next(descriptor) }
            guard number > 2 else {
                throw .usage("\(option): descriptors 1 and 2 are for output").next(descriptor)
            }
            self = .descriptor(number)
        default:
            let sources = "use \(example)prompt, \(example)stdin, \(example)file:PATH or \(example)fd:N"
            guard !text.hasPrefix("env:") else {
                throw .usage(
                    "\(option): a secret can't come from the environment, "
                        + "because child processes and crash reports inherit it"
                ).next("\(sources); from a variable: printf %s \"$NAME\" | vault … \(example)stdin")
            }
            throw .usage(
                "\(option): a secret can't be an argument, because every process on this machine can read it"
            ).next(
                "\(sources). If you passed a secret, it is in your shell's history: "
                    + "replace it at the provider")
        }
    }

    /// The source as typed; it never holds a secret.
    var text: String {
        switch self {
        case .prompt: "prompt"
        case .stdin: "stdin"
        case .file(let path): "file:\(path)"
        case .descriptor(let number): "fd:\(number)"
        }
    }
}
