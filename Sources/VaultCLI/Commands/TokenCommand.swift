import ArgumentParser
import CPlatform
import Libc
import VaultMemory
import VaultWire

/// `vault token`: gets an access token for an OAuth 2.0 connection.
struct TokenCommand: Command, ExampleProviding {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Get an access token for an OAuth 2.0 connection, or the cached one.",
        discussion:
            "The token is written only to a file or a descriptor. Without --to only its expiry is printed.")

    static let examples = ["vault token 'Celonis prod' --to file:token"]

    @OptionGroup(title: "Global options") var options: GlobalOptions
    @Argument(help: "The connection.") var name: String
    @Option(help: .init("Write the token to file:PATH or fd:N.", valueName: "destination")) var to: String?

    func run(_ context: Context) throws {
        let place = try to.map(Self.place)
        let agent = try CommandSecrets(context).networkAgent(context, context.open())
        let answer = try agent.perform(GetAccessToken(name, wantsValue: place != nil))
        if let place, let value = answer.value { try Self.write(value, to: place) }
        let expiry = answer.expiresIn.map { "; expires in \(Self.duration($0))" } ?? ""
        try context.receipt(
            "token of '\(name)' \(place.map { "written to \($0.text)" } ?? "issued")\(expiry)",
            ["expires_in": answer.expiresIn, "name": name])
    }

    /// A duration in its largest unit, such as `15 minutes`, rounded.
    private static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ..<120: counted(seconds, "second")
        case ..<7200: counted((seconds + 30) / 60, "minute")
        default: counted((seconds + 1800) / 3600, "hour")
        }
    }

    private static func place(_ text: String) throws -> SecretSource {
        // Here `fd:1` is allowed, because the user names it explicitly.
        if let number = text.hasPrefix("fd:") ? Int32(text.dropFirst(3)) : nil, number > 0 {
            return .descriptor(number)
        }
        if text.hasPrefix("file:"), text.utf8.count > 5 { return .file(String(text.dropFirst(5))) }
        throw Failure.usage("--to needs a destination").next("use --to file:PATH or --to fd:N")
    }

    private static func write(_ value: SharedSecret, to place: SecretSource) throws {
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
            throw Failure.unexpected("can't write the token to \(place.text): \(Descriptor.reason(error))")
                .next("use another destination")
        }
    }
}
