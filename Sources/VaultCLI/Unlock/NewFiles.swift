import Libc
import VaultCore

/// The files that a change creates before it is committed: a key file, a recovery code.
struct NewFiles {
    var paths: [String] = []
    /// Locked until the change is committed or fails; a command that uses one of the files waits until then.
    var key: KeyFile.New?

    /// Removes the files, because the change was not made.
    func remove() { for path in paths { unsafe unlink(path) } }
}

extension Context {
    /// Makes a change that created files.
    ///
    /// The files are removed only if the change was certainly not made: a key file of a change that is in the vault may be
    /// the only key to it.
    func change<T>(with files: NewFiles, _ body: () throws -> T) throws -> T {
        do {
            let result = try body()
            output.isReceipt = true
            return result
        } catch {
            if (error as? VaultError)?.mayHaveChanged != true { files.remove() }
            throw error
        }
    }
}
