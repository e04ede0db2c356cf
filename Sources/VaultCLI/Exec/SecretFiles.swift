import CPlatform
import VaultCore
import VaultMemory

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Files for variables that hold a path: a certificate, a private key.
///
/// They stand in a folder of this user alone, in memory where the system has such a place, for as long as the child
/// runs. A `vault` that is killed with SIGKILL leaves them behind; they go with the session or the next start.
struct SecretFiles {
    private let folder: String?
    private let names: [String]

    init(_ variables: [ChildVariable], handedOver: Bool) throws(Failure) {
        names = variables.map(\.name)
        guard !variables.isEmpty else {
            folder = nil
            return
        }
        guard !handedOver else {
            throw Failure(
                .usage,
                "\(names.joined(separator: ", ")) need files, which nobody would remove under --no-masking",
                next: "run it without --no-masking, or leave them out with --only")
        }
        let made = try Self.makeFolder()
        folder = made
        do throws(Failure) {
            for variable in variables { try Self.write(variable, to: made + "/" + variable.name) }
        } catch {
            remove()
            throw error
        }
    }

    /// The file of a variable, nil for one that needs none.
    func path(of variable: String) -> String? {
        names.contains(variable) ? folder.map { $0 + "/" + variable } : nil
    }

    func remove() {
        guard let folder else { return }
        for name in names { unsafe platform_unlink(folder + "/" + name) }
        unsafe rmdir(folder)
    }

    private static func makeFolder() throws(Failure) -> String {
        let places = [
            Descriptor.environment("XDG_RUNTIME_DIR"), "/dev/shm", Descriptor.environment("TMPDIR"), "/tmp",
        ]
        for place in places.compactMap(\.self) where unsafe access(place, W_OK) == 0 {
            var template = Array((place + "/vault-exec-XXXXXX").utf8CString)
            if unsafe mkdtemp(&template) != nil {
                return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
        throw Failure(
            .execFailed, "there is no place for the files of this connection",
            next: "set XDG_RUNTIME_DIR or TMPDIR")
    }

    private static func write(_ variable: ChildVariable, to path: String) throws(Failure) {
        let descriptor = unsafe platform_open(
            path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        defer { close(descriptor) }
        for piece in variable.pieces {
            let error =
                switch piece {
                case .text(var text):
                    text.withUTF8 { unsafe Descriptor.write(UnsafeRawBufferPointer($0), to: descriptor) }
                case .secret(let secret):
                    unsafe secret.bytes.withUnsafeBytes { unsafe Descriptor.write($0, to: descriptor) }
                case .token: preconditionFailure("a variable without its token")
                }
            guard error == 0 else { throw Self.failure(path, error) }
        }
    }

    private static func failure(_ path: String, _ reason: Int32) -> Failure {
        Failure(
            .execFailed, "can't write \(path): \(Descriptor.reason(reason))",
            next: "set XDG_RUNTIME_DIR or TMPDIR to a folder with free space")
    }
}
