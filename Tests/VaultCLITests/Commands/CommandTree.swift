import Foundation
import Testing

/// The program's commands, from `--experimental-dump-help`.
enum CommandTree {
    private struct Node: Decodable {
        let commandName: String
        let subcommands: [Node]?
    }

    private struct Dump: Decodable { let command: Node }

    /// The words of every command, including those with subcommands.
    static func all() async throws -> [[String]] {
        let said = try await Sandbox().vault("--experimental-dump-help")
        let root = try JSONDecoder().decode(Dump.self, from: Data(said.output)).command
        func under(_ node: Node, _ words: [String]) -> [[String]] {
            (node.subcommands ?? []).flatMap { child in
                [words + [child.commandName]] + under(child, words + [child.commandName])
            }
        }
        return under(root, []).filter { $0.first != "help" }
    }

    /// The commands without subcommands.
    static func leaves() async throws -> [[String]] {
        let all = try await all()
        return all.filter { words in !all.contains { $0.count > words.count && $0.starts(with: words) } }
    }
}
