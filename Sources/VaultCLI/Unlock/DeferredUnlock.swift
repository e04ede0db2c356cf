import VaultCore

extension Context {
    /// Runs an operation that unlocks the vault itself, once it has opened it.
    ///
    /// A failure to unlock crosses VaultCore as some `VaultError`; the original failure is kept here and thrown.
    ///
    /// - Parameter secrets: The credential, or nil if the operation needs no unlocked vault.
    func withDeferredUnlock<T>(
        _ secrets: CommandSecrets?, _ body: (((Vault) throws -> Session)?) throws(VaultError) -> T
    ) throws(Failure) -> T {
        var failure: Failure?
        func unlock(_ vault: Vault, _ secrets: CommandSecrets) throws(Failure) -> Session {
            do throws(Failure) { return try secrets.unlock(vault, self) } catch {
                failure = error
                throw error
            }
        }
        do throws(Failure) {
            return try mapErrors { () throws(VaultError) in
                try body(secrets.map { secrets in { vault in try unlock(vault, secrets) } })
            }
        } catch {
            throw failure ?? error
        }
    }
}
