import VaultCore

extension Context {
    /// Runs an operation that unlocks on its way, if it is to. Why unlocking failed passes by the room that the
    /// operation is in: it is said in this one's words.
    func unlocking<T>(
        _ secrets: SecretsIn?, _ body: (((Vault) throws -> Session)?) throws(VaultError) -> T
    ) throws(Failure) -> T {
        var failure: Failure?
        func unlock(_ vault: Vault, _ secrets: SecretsIn) throws(Failure) -> Session {
            do throws(Failure) { return try secrets.unlock(vault, self) } catch {
                failure = error
                throw error
            }
        }
        do throws(Failure) {
            return try failing { () throws(VaultError) in
                try body(secrets.map { secrets in { vault in try unlock(vault, secrets) } })
            }
        } catch {
            throw failure ?? error
        }
    }
}
