import CPlatform
import Libc
import VaultCore

/// Temporary files for variables that hold a path, such as of a certificate or a private key.
///
/// They are in a private folder, on a memory file system if there is one, as long as the child runs. After a SIGKILL they
/// remain until the session ends or the machine restarts.
struct SecretFiles {
    private let folder: String?
    private let names: [String]

    init(_ variables: [ChildVariable], handedOver: Bool) throws {
        names = variables.map(\.name)
        guard !variables.isEmpty else {
            folder = nil
            return
        }
        guard !handedOver else {
            throw Failure(
                .usage,
                "\(names.joined(separator: ", ")) need temporary files, which --no-masking would leave behind",
                next: "run it without --no-masking, or leave them out with --only")
        }
        let made = try Self.makeFolder()
        folder = made
        do {
            for variable in variables { try Self.write(variable, to: made + "/" + variable.name) }
        } catch {
            remove()
            throw error
        }
    }

    /// The file of a variable, or nil if it needs none.
    func path(of variable: String) -> String? {
        names.contains(variable) ? folder.map { $0 + "/" + variable } : nil
    }

    func remove() {
        guard let folder else { return }
        for name in names { unsafe platform_unlink(folder + "/" + name) }
        unsafe rmdir(folder)
    }

    private static func makeFolder() throws -> String {
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
            .execFailed, "no writable folder for temporary files", next: "set XDG_RUNTIME_DIR or TMPDIR")
    }

    private static func write(_ variable: ChildVariable, to path: String) throws {
        let descriptor = unsafe platform_open(
            path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        defer { close(descriptor) }
        for piece in variable.pieces {
            var error: Int32 = 0
            unsafe EnvironmentPiece(piece).withBytes { unsafe error = Descriptor.write($0, to: descriptor) }
            guard error == 0 else { throw Self.failure(path, error) }
        }
    }

    private static func failure(_ path: String, _ reason: Int32) -> Failure {
        Failure(
            .execFailed, "can't write \(path): \(Descriptor.reason(reason))",
            next: "set XDG_RUNTIME_DIR or TMPDIR to a folder with free space")
    }
}
