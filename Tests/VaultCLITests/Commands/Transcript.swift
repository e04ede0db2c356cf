import Foundation
import Testing

/// Commands and their output, a file of the folder `Transcripts`.
///
/// A line that begins with `$ ` is a command for `/bin/sh`, with `vault` on its PATH; lines with `> ` continue it. Its
/// output follows: stdout unchanged, stderr marked `! `, and `? N` for a status other than 0. A line that begins with
/// `% ` is a command that must succeed; its output is ignored. The commands of one file share one shell without a
/// terminal, in a temporary folder. `# needs NAME` at the top names a required program; other lines that begin with `# `
/// are comments.
///
/// Values that differ between runs are written `<TIME>`, `<ID>`, `<PRINT>`, `<HEX>`, `<BASE64>`, `<FOLDER>`, `<USER>`, `<HOST>`.
struct Transcript: CustomTestStringConvertible, Sendable {
    struct Command: Sendable {
        /// `$` or `%`.
        let mark: Character
        var lines: [String]
        var expected: [String] = []
        /// Comments and empty lines before the next command.
        var gap: [String] = []
    }

    let name: String
    private(set) var head: [String] = []
    private(set) var commands: [Command] = []

    var testDescription: String { name }

    /// The programs that its commands need.
    var needs: [String] {
        head.filter { $0.hasPrefix("# needs ") }.flatMap {
            $0.dropFirst(8).split(separator: " ").map(String.init)
        }
    }

    static let all: [Transcript] = {
        let folder = Bundle.module.resourceURL!.appending(path: "Transcripts")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted().map {
            Transcript(name: $0, text: try! String(contentsOf: folder.appending(path: $0), encoding: .utf8))
        }
    }()

    init(name: String, text: String) {
        self.name = name
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("$ ") || line.hasPrefix("% ") {
                commands.append(Command(mark: line.first!, lines: [String(line.dropFirst(2))]))
            } else if commands.isEmpty {
                head.append(line)
            } else if line.hasPrefix("> "), commands.last!.expected.isEmpty {
                commands[commands.count - 1].lines.append(String(line.dropFirst(2)))
            } else {
                commands[commands.count - 1].expected.append(line)
            }
        }
        for index in commands.indices {
            while let last = commands[index].expected.last, last.isEmpty || last.hasPrefix("# ") {
                commands[index].gap.insert(commands[index].expected.removeLast(), at: 0)
            }
        }
    }

    /// A script that runs all commands in one shell, each with its own output files.
    func script(results: String) -> String {
        commands.enumerated().map { number, command in
            let place = "'\(results)/\(number)"
            return """
                { \(command.lines.joined(separator: "\n"))
                } >\(place).out' 2>\(place).err'; s=$?; echo $s >\(place).status'; (exit $s)
                """
        }.joined(separator: "\n") + "\n"
    }

    /// The output of the commands, in the format of the file.
    func said(results: String, folder: String) -> [[String]] {
        func text(_ name: String) -> String {
            let data = FileManager.default.contents(atPath: "\(results)/\(name)") ?? Data()
            return Self.settled(String(decoding: data, as: UTF8.self), folder: folder)
        }
        return commands.indices.map { number in
            var lines = Self.lines(text("\(number).out"))
            lines += Self.lines(text("\(number).err")).map { "! \($0)" }
            let status = text("\(number).status").trimmingCharacters(in: .whitespacesAndNewlines)
            if status != "0" { lines.append("? \(status.isEmpty ? "never ran" : status)") }
            return lines
        }
    }

    /// Splits text into lines, without empty ones at the end, which would be ambiguous in the file.
    private static func lines(_ text: String) -> [String] {
        guard text.contains(where: { $0 != "\n" }) else { return [] }
        var whole = Substring(text.hasSuffix("\n") ? text : text + "<NO NEWLINE>")
        while whole.hasSuffix("\n") { whole.removeLast() }
        return whole.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func settled(_ text: String, folder: String) -> String {
        let changing: [(pattern: String, with: String)] = [
            (NSRegularExpression.escapedPattern(for: folder), "<FOLDER>"),
            ("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", "<TIME>"),
            ("\"host\":\"[^\"]*\",\"program\"", "\"host\":\"<HOST>\",\"program\""),
            ("\"program\":\"cli\",\"user\":\"[^\"]*\"", "\"program\":\"cli\",\"user\":\"<USER>\""),
            ("expected at least [0-9]+", "expected at least <SIZE>"),
            ("cli, \\S+ on \\S+", "cli, <USER> on <HOST>"),
            (",cli,[^,]*,[^,]*,", ",cli,<USER>,<HOST>,"),
            ("\\b[0-9a-f]{64}\\b", "<HEX>"),
            ("\\b[0-9a-f]{32}\\b", "<ID>"),
            ("\\b([0-9a-f]{4} ){4}[0-9a-f]{4}\\b", "<PRINT>"),
            ("(\\\\n)[A-Za-z0-9+/]{43,}={0,2}", "$1<BASE64>"),
            ("(?<![A-Za-z0-9+/\\\\])[A-Za-z0-9+/]{43,}={0,2}", "<BASE64>"),
        ]
        return changing.reduce(text) { text, change in
            text.replacingOccurrences(of: change.pattern, with: change.with, options: .regularExpression)
        }
    }
}
