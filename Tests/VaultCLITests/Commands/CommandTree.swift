import Foundation
import Testing

/// Every command of the program, as the program itself tells them.
enum CommandTree {
    private struct Node: Decodable {
        let commandName: String
        let subcommands: [Node]?
    }

    private struct Dump: Decodable { let command: Node }

    /// The words of every command, from the first behind `vault`; those with commands under them too.
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

    /// Those that do something themselves.
    static func leaves() async throws -> [[String]] {
        let all = try await all()
        return all.filter { words in !all.contains { $0.count > words.count && $0.starts(with: words) } }
    }
}
