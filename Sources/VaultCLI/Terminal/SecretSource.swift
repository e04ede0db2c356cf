/// Where a secret comes from: `prompt`, `stdin`, `file:PATH` or `fd:N`.
///
/// There is no source that is the secret itself, and none that is an environment variable (cases 53, 54).
enum SecretSource: Equatable, Sendable {
    case prompt
    case stdin
    case file(String)
    case descriptor(Int32)

    /// Why a text is no SOURCE; no case carries the text, because it may be the secret.
    enum Misfit: Error, Equatable, Sendable {
        case literal
        case environment
        case noPath
        case badDescriptor
        /// `fd:1` or `fd:2`, which are for writing.
        case outputDescriptor

        /// What is wrong with `option`, as in `--secret app-key`, and what to do.
        func problem(option: String, example: String) -> Failure.Problem {
            let sources = "\(example)prompt, \(example)stdin, \(example)file:PATH or \(example)fd:N"
            switch self {
            case .literal:
                return .init(
                    "\(option): a secret cannot be an argument, because every process of the machine can read it",
                    next: "use \(sources). If what you gave is a secret, it is in the shell's history now: "
                        + "consider it leaked and replace it at the provider")
            case .environment:
                return .init(
                    "\(option): a secret is not taken from the environment, "
                        + "because child processes and crash reports carry it on",
                    next: "use \(sources); from a variable: printf %s \"$NAME\" | vault … \(example)stdin")
            case .noPath: return .init("\(option): file: needs a path", next: "use \(example)file:PATH")
            case .badDescriptor:
                return .init(
                    "\(option): fd: needs the number of an open file", next: "use \(example)fd:3 3<FILE")
            case .outputDescriptor:
                return .init(
                    "\(option): descriptors 1 and 2 are for output", next: "use \(example)fd:3 3<FILE")
            }
        }
    }

    init(parsing text: String) throws(Misfit) {
        if text == "prompt" {
            self = .prompt
        } else if text == "stdin" || text == "fd:0" {
            self = .stdin
        } else if text.hasPrefix("file:") {
            let path = String(text.dropFirst(5))
            guard !path.isEmpty, !path.utf8.contains(0) else { throw .noPath }
            self = .file(path)
        } else if text.hasPrefix("fd:") {
            let digits = text.dropFirst(3)
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int32(digits)
            else { throw .badDescriptor }
            guard number > 2 else { throw number == 0 ? .badDescriptor : .outputDescriptor }
            self = .descriptor(number)
        } else if text.hasPrefix("env:") {
            throw .environment
        } else {
            throw .literal
        }
    }

    /// The source as it is written, safe to show: it holds a path or a number, never a secret.
    var text: String {
        switch self {
        case .prompt: "prompt"
        case .stdin: "stdin"
        case .file(let path): "file:\(path)"
        case .descriptor(let number): "fd:\(number)"
        }
    }
}
