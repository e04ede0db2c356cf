import VaultRegistry
import VaultStore

extension VaultError {
    init(_ error: StoreError) {
        self =
            switch error {
            case .noVault(let path): .file(.noVault(path: path))
            case .alreadyExists(let path): .file(.vaultExists(path: path))
            case .unsafePath(let path, let why, let fix): .file(.unsafePath(path: path, why: why, fix: fix))
            case .notAVault(let path): .file(.notAVault(path: path))
            case .tooNew(let path, let version, let supported):
                .file(.tooNew(path: path, version: version, supported: supported))
            case .alteredSchema(let path, let object): .file(.alteredSchema(path: path, object: object))
            case .damaged(let path, let detail): .file(.damaged(path: path, detail: detail))
            case .searchIndex: .file(.searchIndex(isRebuilt: false))
            case .busy(let path): .file(.busy(path: path))
            case .moved(let path): .file(.moved(path: path))
            case .inUse(let path): .file(.inUse(path: path))
            case .noFile(let path): .backup(.noFile(path: path))
            case .truncated(let path, let found, let whole):
                .backup(.truncated(path: path, found: found, whole: whole))
            case .full(let path): .file(.full(path: path))
            case .readOnly(let path): .file(.readOnly(path: path))
            case .readOnlyLog(let path): .file(.readOnlyLog(path: path))
            case .outcomeUnknown(let path, let detail): .file(.outcomeUnknown(path: path, why: detail))
            case .io(let path, let detail): .file(.io(path: path, why: detail))
            case .nameTaken(let kind, let name, _):
                .input(
                    .alreadyExists(kind: OwnerKind(rawValue: kind) ?? .connection, name: name, taken: name))
            }
    }

    /// Runs a body, and converts the errors of other modules.
    static func catching<T>(_ body: () throws -> T) throws(VaultError) -> T {
        do { return try body() } catch {
            switch error {
            case let error as VaultError: throw error
            case let error as StoreError: throw VaultError(error)
            case let problem as Problem: throw .input(.invalid([problem]))
            default: throw .file(.io(path: "", why: "internal error: \(PlainWords.text(of: error))"))
            }
        }
    }
}
