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

    mutating func add(_ path: String?) { if let path { paths.append(path) } }

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
