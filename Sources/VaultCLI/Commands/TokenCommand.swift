import ArgumentParser
import CPlatform
import VaultCore
import VaultLedger
import VaultMemory
import VaultWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `vault token`: the access token of an OAuth 2.0 connection.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Mint the access token of an OAuth 2.0 connection, or hand over the one there is.",
        discussion: """
            vault token 'Celonis prod' --to file:token
            The value goes to a file or descriptor, never to the terminal; without --to only its time is told.
            """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The connection.") var name: String
    @Option(help: ArgumentHelp("Where the value goes: file:PATH or fd:N.", valueName: "place")) var to:
        String?

    func run() throws {
        let context = Context(options)
        let place = try to.map { text throws(Failure) in try Self.place(text) }
        let secrets = try SecretsIn(context)
        let agent = try secrets.networkAgent(context, try context.open())
        let answer = try context.failing { () throws(VaultError) in
            try agent.ask(TakeToken(name, wantsValue: place != nil))
        }
        if let place, let value = answer.value { try Self.write(value, to: place) }
        var values: JSON.Members = ["name": .string(name)]
        values["expires_in"] = answer.expiresIn.map { .integer(Int64($0)) }
        let time = answer.expiresIn.map { ", which lives \($0) seconds from when it was minted" } ?? ""
        try context.receipt(
            place.map { "token of '\(name)' written to \($0.text)\(time)" }
                ?? "token of '\(name)' minted\(time)",
            values)
    }

    private static func place(_ text: String) throws(Failure) -> SecretSource {
        // `fd:1` is a descriptor as any other here: somebody has asked for it in so many words.
        if let number = text.hasPrefix("fd:") ? Int32(text.dropFirst(3)) : nil, number > 0 {
            return .descriptor(number)
        }
        if text.hasPrefix("file:"), text.utf8.count > 5 { return .file(String(text.dropFirst(5))) }
        throw Failure(.usage, "--to is not a place for a token", next: "--to file:PATH or --to fd:N")
    }

    private static func write(_ value: SharedSecret, to place: SecretSource) throws(Failure) {
        var descriptor: Int32 = -1
        switch place {
        case .descriptor(let number): descriptor = number
        case .file(let path):
            descriptor = unsafe platform_open(
                path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o600)
            if descriptor >= 0, platform_set_mode(descriptor, 0o600) != 0 { descriptor = -1 }
        case .prompt, .stdin: break
        }
        let error =
            descriptor < 0
            ? errno : unsafe value.bytes.withUnsafeBytes { unsafe Descriptor.write($0, to: descriptor) }
        if case .file = place, descriptor >= 0 { close(descriptor) }
        guard error == 0 else {
            throw Failure(
                .unexpected, "the token could not be written to \(place.text): \(Descriptor.reason(error))",
                next: "choose another place")
        }
    }
}
