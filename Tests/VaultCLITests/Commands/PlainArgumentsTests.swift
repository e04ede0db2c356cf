import ArgumentParser
import Testing

@testable import VaultCLI

/// Commands that are parsed without the argument parser.
struct PlainArgumentsTests {
    @Test(arguments: [
        ["connection", "show", "Celonis prod"],
        ["conn", "show", "Celonis prod", "--json"],
        ["connection", "show", "--json", "--no-input", "Celonis prod", "--vault", "v.db", "--member", "ana"],
        [
            "connection", "show", "--key-file", "k", "--passphrase-from", "stdin", "--reason", "a b", "",
            "--json",
        ],
        ["exec", "one"],
        ["run", "one", "two", "--only", "A", "three", "--only", "B", "--pristine", "--no-masking"],
        ["exec", "--recovery-from", "file:code", "one"],
    ])
    func `a plain command line has the same result as with the argument parser`(_ words: [String]) throws {
        let plain = try #require(PlainCommand(words, child: ["true"]))
        switch plain {
        case .show(let global, let name):
            let command = try #require(try VaultCommand.command(of: words) as? ConnectionCommand.Show)
            #expect(global == command.options.values)
            #expect(name == command.name)
        case .exec(let execution):
            let command = try #require(try VaultCommand.command(of: words) as? ExecCommand)
            #expect(execution.context.options == command.options.values)
            #expect(execution.names == command.names)
            #expect(execution.only == command.only)
            #expect(execution.pristine == command.pristine)
            #expect(execution.noMasking == command.noMasking)
            #expect(execution.command == ["true"])
        }
    }

    @Test(arguments: [
        ["connection", "show"], ["connection", "show", "a", "b"], ["connection", "show", "--help"],
        ["connection", "show", "a", "--nonsense"], ["connection", "show", "a", "--vault"],
        ["connection", "show", "a", "--vault", "--json"], ["connection", "show", "a", "--vault=v.db"],
        ["connection", "show", "a", "--vault", "b", "--vault", "c"],
        ["connection", "show", "a", "--json", "--json"],
        ["connection", "show", "-a"], ["connection", "show", "--", "a"], ["connection", "list"],
        ["connection"], ["exec"], ["exec", "--only", "A"], ["exec", "-h"], ["status"], [],
    ])
    func `other command lines are left to the parser`(_ words: [String]) {
        if PlainCommand(words, child: []) != nil { Issue.record("read without the parser") }
    }
}
