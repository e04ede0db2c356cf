import VaultCore
import VaultLedger
import VaultMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Times what only the library does at once: registering many connections in one transaction, and rotating them.
///
/// `vault-bench FOLDER COUNT` prints one line for each: name, count, seconds, and the process' peak memory in MiB so far.
/// A third argument, such as `create`, names the last thing to do.
@main
enum Bench {
    static func main() throws {
        guard CommandLine.arguments.count >= 3, let count = Int(CommandLine.arguments[2]) else {
            print("usage: vault-bench FOLDER COUNT [LAST]")
            exit(64)
        }
        let folder = CommandLine.arguments[1]
        let key = try KeyFile.contentsOrNew(at: folder + "/key").key
        let surroundings = Surroundings(
            now: { Timestamp(seconds: Int64(time(nil))) },
            via: { .init(program: "bench", user: "bench", host: "bench") },
            anchors: AnchorStore(folder: folder + "/anchors"))
        let founding = Founding(member: "bench", credentials: [.keyFile(key)])
        let (vault, session) = try Vault.create(folder + "/v/vault.db", founding, surroundings)
        try report("create", count) { try fill(vault, session, count) }
        try report("rotate", count) { _ = try vault.rotateMasterKey(as: session) }
        try report("list", count) {
            var seen = 0
            try vault.list(.connection, OwnerFilter()) { _ in seen += 1 }
            precondition(seen == count)
        }
        try report("verify", count) { _ = try Vault.verify(folder + "/v/vault.db", surroundings) }
    }

    /// Connections as the Celonis form makes them, each with one secret of 64 bytes.
    private static func fill(_ vault: Vault, _ session: Session, _ count: Int) throws {
        let secret = SharedSecret(
            unsafe SecretBytes(count: 64) { unsafe _ = $0.initializeMemory(as: UInt8.self, repeating: 0x61) })
        var index = 0
        _ = try vault.createAll(connector: "celonis", as: session) {
            guard index < count else { return nil }
            defer { index += 1 }
            let number = String(index)
            let name = "Celonis " + String(repeating: "0", count: 7 - number.utf8.count) + number
            return OwnerDraft(
                .connection, connector: "celonis", name: name,
                settings: [
                    "api-type": ["intelligence"], "auth-type": ["custom"],
                    "domain": ["team.eu-1.celonis.cloud"],
                ],
                secrets: ["app-key": secret])
        }
    }

    private static func report(_ name: String, _ count: Int, _ body: () throws -> Void) rethrows {
        let clock = ContinuousClock()
        let taken = try clock.measure(body)
        var usage = rusage()
        unsafe getrusage(selfUsage, &usage)
        let seconds = Double(taken.components.seconds) + Double(taken.components.attoseconds) / 1e18
        print("\(name) \(count) \(seconds) \(usage.ru_maxrss / 1024)")
        if CommandLine.arguments.dropFirst(3).first == name { exit(0) }
    }
}

#if canImport(Glibc)
    private let selfUsage = __rusage_who_t(RUSAGE_SELF.rawValue)
#else
    private let selfUsage = RUSAGE_SELF
#endif
