import Libc
import VaultCore
import VaultLedger

/// The environment of one command: resolved flags and variables, and the output.
final class Context {
    let options: GlobalValues
    let output = Output()
    /// Whether saving the anchor failed, so that no later notice claims it was saved.
    private var anchorWriteFailed = false
    private var progress: (work: Notice.Work, line: Progress)?

    init(_ options: GlobalValues) { self.options = options }

    var json: Bool { options.json }

    /// Whether the command may prompt.
    var isInteractive: Bool { !options.noInput && (try? Terminal(for: "an answer")) != nil }

    /// The value of a flag, or else of an environment variable; an empty variable counts as unset.
    static func setting(_ flag: String?, _ variable: String) -> String? {
        flag ?? Descriptor.environment(variable)
    }

    var path: String {
        Self.setting(options.vault, "VAULT_FILE") ?? Self.home("XDG_DATA_HOME", ".local/share")
            + "/vault/vault.db"
    }

    var anchorFolder: String { Self.home("XDG_STATE_HOME", ".local/state") + "/vault/anchors" }

    var memberName: String? { Self.setting(options.member, "VAULT_MEMBER") }

    func surroundings() -> Surroundings {
        Surroundings(
            now: { Timestamp(seconds: Int64(time(nil))) },
            via: { Entry.Via(program: "cli", user: Machine.user, host: Machine.host) },
            anchors: AnchorStore(folder: anchorFolder), reason: Self.setting(options.reason, "VAULT_REASON"),
            notice: { [unowned self] in report($0) })
    }

    func open() throws(VaultError) -> Vault { try Vault.open(path, surroundings()) }

    static func folder(_ variable: String) -> String? {
        Descriptor.environment(variable).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }

    /// An XDG base folder: the variable if it holds an absolute path, or else the default under the home folder.
    static func home(_ variable: String, _ fallback: String) -> String {
        if let folder = folder(variable) { return folder }
        let home = Descriptor.environment("HOME") ?? ""
        return (home == "/" ? "" : home) + "/" + fallback
    }
}

extension Context {
    /// Prints a notice of the vault or the agent on stderr.
    func report(_ notice: Notice) {
        if case .progress(let work, let done, let total) = notice {
            if progress?.work != work { progress = (work, Progress(work.title, total: Int(clamping: total))) }
            progress?.line.update(Int(clamping: done))
            if done == total { progress = nil }
        }
        if case .anchorNotKept = notice {
            guard !anchorWriteFailed else { return }
            anchorWriteFailed = true
        }
        if let warning = warning(for: notice) { ErrorReport.warn(warning) }
    }

    private func warning(for notice: Notice) -> String? {
        switch notice {
        case .firstContact(let entries):
            "first use of this vault by this user: \(countedEntries(entries)) verified"
                + "\(anchorWriteFailed ? "" : " and remembered"); to make sure that it is the right vault, "
                + "compare 'vault audit checkpoint' with a colleague's"
        case .exposed(let path, let why):
            "\(path) is read-only here, and can't be changed or unlocked: \(why)"
        case .anchorNotKept(let error):
            "can't remember how far this vault was verified: \(error.cause); the next command verifies it again. "
                + "Set XDG_STATE_HOME to a folder that you can write to"
        case .savedDespite(let error):
            "the change is saved, although the disk reported an error: \(error.cause)"
        case .resuming(let epoch): "resuming the interrupted rotation to epoch \(epoch)"
        case .logNotEmptied(.file(.busy)):
            "another program is reading the vault, so the replaced secret stays in its write-ahead log, sealed, "
                + "until the next change"
        case .logNotEmptied(let error):
            "the change is done, but the write-ahead log can't be emptied: \(error.cause). "
                + "The replaced secret stays in it, sealed, until the next change"
        case .depositsLeft(let owners):
            "can't use the secrets deposited for \(owners.quoted): they don't open, or aren't valid; "
                + "enter them again: vault secret set"
        case .secretsUncovered(let secrets):
            "not signed, because they were changed in the file or don't open: "
                + "\(secrets.joined(separator: ", ")); replace them: vault secret set"
        case .nameHadBefore(let name, let until):
            "another member was called \(name) until \(until.text); the ledger tells them apart by their ids: "
                + "vault audit log --by actor --json"
        case .mustWait(let seconds): "waiting \(seconds) s after failed unlock attempts"
        case .searchIndexRebuilt:
            "the search index was damaged and has been rebuilt; find out what changed the file"
        case .progress: nil
        }
    }
}

extension Notice.Work {
    fileprivate var title: String {
        switch self {
        case .verifying: "verifying the ledger"
        case .sealing: "sealing secrets"
        case .checking: "checking connections"
        }
    }
}
