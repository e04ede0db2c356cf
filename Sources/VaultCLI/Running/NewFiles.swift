import VaultCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// New files that belong to a change: a key file, a recovery code. They are on the disk before the change is.
struct NewFiles {
    private var paths: [String] = []
    /// Held until it is decided whether the files stay: another command that is given one of them waits for that.
    private var keys: [KeyFile.New] = []

    mutating func add(_ path: String?, _ key: KeyFile.New? = nil) {
        if let path { paths.append(path) }
        if let key { keys.append(key) }
    }

    /// Removes them: the change that they belong to was not made.
    func remove() { for path in paths { unsafe unlink(path) } }
}

extension Context {
    /// Makes a change that new files belong to. On failure they are removed, but only where it is known that the change was
    /// not made: a key file of a change that is in the vault may be the only key there is.
    func change<T>(
        with files: NewFiles, _ body: () throws(VaultError) -> T
    ) throws(Failure) -> T {
        defer { endProgress() }
        do throws(VaultError) {
            let result = try body()
            output.isReceipt = true
            return result
        } catch {
            if !error.mayHaveChanged { files.remove() }
            throw Failure(error)
        }
    }
}
