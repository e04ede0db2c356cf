import VaultCore
import VaultLedger
import VaultMemory

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What one command works with: the flags and variables as they were meant, the output, the vault once it is open.
final class Context {
    let options: GlobalOptions.Values
    let output = Output()
    /// Whether what was verified could not be kept: then nothing else says that it was.
    private var forgets = false
    private var progress: (work: Notice.Work, line: Progress)?

    init(_ options: GlobalOptions.Values) { self.options = options }

    convenience init(_ options: GlobalOptions) { self.init(options.values) }

    var json: Bool { options.json }

    /// Whether somebody can be asked.
    var isInteractive: Bool {
        !options.noInput && (try? Terminal(for: "an answer")) != nil
    }

    /// Every flag and variable that names the same thing: the flag first, an empty variable is none.
    static func setting(_ flag: String?, _ variable: String) -> String? {
        flag ?? Descriptor.environment(variable).flatMap { $0.isEmpty ? nil : $0 }
    }

    var path: String {
        Self.setting(options.vault, "VAULT_FILE") ?? Self.home("XDG_DATA_HOME", ".local/share")
            + "/vault/vault.db"
    }

    var anchorFolder: String { Self.home("XDG_STATE_HOME", ".local/state") + "/vault/anchors" }

    var memberName: String? { Self.setting(options.member, "VAULT_MEMBER") }

    func surroundings() -> Surroundings {
        Surroundings(
            now: { Timestamp(seconds: Int64(time(nil))) }, via: Self.via,
            anchors: AnchorStore(folder: anchorFolder), reason: Self.setting(options.reason, "VAULT_REASON"),
            notice: { [unowned self] in hear($0) })
    }

    func open() throws(Failure) -> Vault {
        defer { endProgress() }
        return try failing { () throws(VaultError) in try Vault.open(path, surroundings()) }
    }

    /// Runs an operation of the vault; what it throws becomes the two lines and the exit code.
    func failing<T>(_ body: () throws(VaultError) -> T) throws(Failure) -> T {
        defer { endProgress() }
        do {
            return try body()
        } catch {
            throw Failure(error)
        }
    }

    static func home(_ variable: String, _ standard: String) -> String {
        if let folder = setting(nil, variable), folder.hasPrefix("/") { return folder }
        let home = setting(nil, "HOME") ?? ""
        return (home == "/" ? "" : home) + "/" + standard
    }

    private static func via() -> Entry.Via {
        Entry.Via(program: "cli", user: Machine.user, host: Machine.host)
    }
}

extension Context {
    func hear(_ notice: Notice) {
        switch notice {
        case .firstContact(let entries):
            let isKept = forgets ? "" : ", and are remembered"
            ErrorReport.warn(
                "this user has not seen this vault before: its \(entries) entries were verified now\(isKept). "
                    + "To be sure that it is the right one, compare 'vault audit checkpoint' with a colleague's"
            )
        case .exposed(let path, let why):
            ErrorReport.warn("\(path) is only read, and can't be changed or unlocked: \(why)")
        case .anchorNotKept(let error):
            guard !forgets else { return }
            forgets = true
            ErrorReport.warn(
                "can't remember how far this vault was verified: \(error.cause); the next command verifies it again. "
                    + "Set XDG_STATE_HOME to a folder that you can write to")
        case .savedDespite(let error):
            ErrorReport.warn("the change is saved, although the disk reported an error: \(error.cause)")
        case .resuming(let epoch):
            ErrorReport.warn("a rotation of epoch \(epoch) had stopped halfway; going on with it")
        case .logNotEmptied(.busy):
            ErrorReport.warn(
                "another program is reading the vault, so the replaced secret stays in its write-ahead log, sealed, "
                    + "until the next change")
        case .logNotEmptied(let error):
            ErrorReport.warn(
                "the change is done, but the write-ahead log can't be emptied: \(error.cause). "
                    + "The replaced secret stays in it, sealed, until the next change")
        case .depositsLeft(let owners):
            ErrorReport.warn(
                "what was deposited for \(owners.map { "'\($0)'" }.joined(separator: ", ")) cannot be used: "
                    + "it does not open, or does not fit; enter it again: vault secret set")
        case .secretsUncovered(let secrets):
            ErrorReport.warn(
                "not signed, because they were changed in the file or don't open: "
                    + "\(secrets.joined(separator: ", ")); replace them: vault secret set")
        case .nameHadBefore(let name, let until):
            ErrorReport.warn(
                "somebody else was \(name) until \(until.text); what each of them did is told apart by the actor's id: "
                    + "vault audit log --by actor --json")
        case .mustWait(let seconds):
            ErrorReport.warn("after wrong tries the next one has to wait: \(seconds) s")
        case .searchIndexRebuilt:
            ErrorReport.warn(
                "the search index was damaged, and has been made again; find out what changed the file")
        case .progress(let work, let done, let total):
            if progress?.work != work { progress = (work, Progress(work.title, total: Int(clamping: total))) }
            progress?.line.update(Int(clamping: done))
        }
    }

    func endProgress() {
        progress?.line.finish()
        progress = nil
    }
}

extension Notice.Work {
    fileprivate var title: String {
        switch self {
        case .verifying: "verifying the ledger"
        case .sealing: "sealing"
        case .checking: "checking connections"
        }
    }
}
