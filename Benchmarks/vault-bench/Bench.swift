import Libc
import VaultCore
import VaultLedger
import VaultMemory

/// Measures the library within one process: creating many connections in one transaction, rotating the master key, listing
/// and verifying.
///
/// `vault-bench FOLDER COUNT` prints a line for each: name, count, seconds, and peak memory of the process in MiB. A third
/// argument, such as `create`, is the last step to run.
@main
enum Bench {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "audit", arguments.count == 3 {
            guard let heads = arguments.last.flatMap({ Int($0) }), heads > 0 else { usage() }
            return try Audit.run(folder: arguments[arguments.startIndex + 1], heads: heads)
        }
        guard CommandLine.arguments.count >= 3, let count = Int(CommandLine.arguments[2]) else { usage() }
        let folder = CommandLine.arguments[1]
        let surroundings = surroundings(folder)
        let (vault, session) = try create(folder, surroundings)
        try report("create", count) { try fill(vault, session, 0..<count) }
        try report("rotate", count) { _ = try vault.perform(RotateMasterKey(), as: session) }
        try report("list", count) {
            var seen = 0
            try ListOwners(.connection, OwnerFilter()).forEach(in: vault) { _ in seen += 1 }
            precondition(seen == count)
        }
        try report("verify", count) {
            _ = try Vault.open(folder + "/v/vault.db", surroundings).perform(VerifyVault())
        }
    }

    private static func usage() -> Never {
        print("usage: vault-bench FOLDER COUNT [LAST] | vault-bench audit FOLDER HEADS")
        exit(64)
    }

    static func surroundings(_ folder: String) -> Surroundings {
        Surroundings(
            now: { Timestamp(seconds: Int64(time(nil))) },
            via: { .init(program: "bench", user: "bench", host: "bench") },
            anchors: AnchorStore(folder: folder + "/anchors"))
    }

    static func create(_ folder: String, _ surroundings: Surroundings) throws -> (Vault, Session) {
        let key = try KeyFile.contentsOrNew(at: folder + "/key").key
        return try Vault.create(
            folder + "/v/vault.db", by: "bench", credentials: [.keyFile(key)], surroundings)
    }

    static func unlock(_ vault: Vault, _ folder: String) throws -> Session {
        let key = try KeyFile.contentsOrNew(at: folder + "/key").key
        return try vault.unlock(vault.member(named: "bench"), with: .keyFile(key))
    }

    static func name(_ index: Int) -> String {
        let number = String(index)
        return "Celonis " + String(repeating: "0", count: 7 - number.utf8.count) + number
    }

    /// Creates Celonis connections, each with a secret of 64 bytes.
    static func fill(_ vault: Vault, _ session: Session, _ numbers: Range<Int>) throws {
        let secret = SharedSecret(
            unsafe SecretBytes(count: 64) { unsafe _ = $0.initializeMemory(as: UInt8.self, repeating: 0x61) })
        var index = numbers.lowerBound
        _ = try vault.createAll(connector: "celonis", as: session) {
            guard index < numbers.upperBound else { return nil }
            defer { index += 1 }
            return OwnerDraft(
                .connection, connector: "celonis", name: name(index),
                settings: [
                    "api-type": ["intelligence"], "auth-type": ["custom"],
                    "domain": ["team.eu-1.celonis.cloud"],
                ],
                secrets: ["app-key": secret])
        }
    }

    static func report(_ name: String, _ count: Int, _ body: () throws -> Void) rethrows {
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
