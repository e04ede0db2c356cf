import NIOConcurrencyHelpers
import NIOCore
import VaultCore
import VaultMemory

/// Caches access tokens until shortly before they expire. Concurrent callers share one token request.
final class TokenCache: Sendable {
    private struct State {
        var tokens: [String: Token] = [:]
        var pending: [String: Task<Token, any Error>] = [:]
    }

    private let state = NIOLockedValueBox(State())

    /// A token, and until when to use it.
    struct Token: Sendable {
        let value: SharedSecret
        let until: NIODeadline
        /// The lifetime in seconds that the provider stated.
        let expiresIn: Int?
    }

    /// Returns the cached token for a key, or requests a new one with `issue`.
    func token(
        _ key: String, issue: @escaping @Sendable () async throws -> Token
    ) async throws -> Token {
        let task = state.withLockedValue { state -> Task<Token, any Error> in
            if let token = state.tokens[key], token.until > .now() { return Task { token } }
            if let task = state.pending[key] { return task }
            let task = Task { try await issue() }
            state.pending[key] = task
            return task
        }
        do {
            let token = try await task.value
            state.withLockedValue { state in
                guard state.pending[key] == task else { return }
                state.pending[key] = nil
                if token.until > .now() { state.tokens[key] = token }
            }
            return token
        } catch {
            state.withLockedValue { state in
                if state.pending[key] == task { state.pending[key] = nil }
            }
            throw error
        }
    }

    /// Removes a token that the provider no longer accepts, but not a newer one.
    func remove(_ key: String, _ token: SharedSecret) {
        state.withLockedValue { state in
            if state.tokens[key]?.value === token { state.tokens[key] = nil }
        }
    }

    func removeAll() {
        state.withLockedValue { state in
            state.tokens = [:]
            for task in state.pending.values { task.cancel() }
            state.pending = [:]
        }
    }
}
