/// The source of a secret: `prompt`, `stdin`, `file:PATH` or `fd:N`.
///
/// A literal and an environment variable are not sources (cases 53, 54).
enum SecretSource: Equatable, Sendable {
    case prompt
    case stdin
    case file(String)
    case descriptor(Int32)

    /// Why a text is not a SOURCE. No case carries the text, which may be the secret.
    enum ParseError: Error, Equatable, Sendable {
        case literal
        case environment
        case noPath
        case badDescriptor
        /// `fd:1` or `fd:2`, which are for writing.
        case outputDescriptor

        /// The problem with an option such as `--secret app-key`.
        ///
        /// - Parameter example: The beginning of a valid option, up to the source.
        func problem(option: String, example: String) -> Failure.Problem {
            let sources = "\(example)prompt, \(example)stdin, \(example)file:PATH or \(example)fd:N"
            switch self {
            case .literal:
                return .init(
                    "\(option): a secret can't be an argument, because every process on this machine can read it",
                    next: "use \(sources). If you passed a secret, it is in your shell's history: "
                        + "replace it at the provider")
            case .environment:
                return .init(
                    "\(option): a secret can't come from the environment, "
                        + "because child processes and crash reports inherit it",
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

    init(parsing text: String) throws(ParseError) {
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

    /// Parses the value of an option.
    ///
    /// - Parameter example: The beginning of a valid option, up to the source; nil for the option and a space.
    init(_ text: String, option: String, example: String? = nil) throws {
        do throws(ParseError) { try self.init(parsing: text) } catch {
            throw Failure(.usage, problems: [error.problem(option: option, example: example ?? option + " ")])
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
