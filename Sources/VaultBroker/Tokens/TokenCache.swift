import NIOConcurrencyHelpers
import NIOCore
import VaultCore
import VaultMemory

/// Access tokens until shortly before they end; minted once when many ask at the same time.
final class TokenCache: Sendable {
    private struct State {
        var tokens: [String: Token] = [:]
        var minting: [String: Task<Token, any Error>] = [:]
    }

    private let state = NIOLockedValueBox(State())

    /// A token, and until when it is used.
    struct Token: Sendable {
        let value: SharedSecret
        let until: NIODeadline
        let expiresIn: Int?
    }

    /// The token that is kept for a key, or one that `mint` makes; whoever asks meanwhile waits for the same one.
    func token(
        _ key: String, mint: @escaping @Sendable () async throws -> Token
    ) async throws -> Token {
        let task = state.withLockedValue { state -> Task<Token, any Error> in
            if let token = state.tokens[key], token.until > .now() { return Task { token } }
            if let task = state.minting[key] { return task }
            let task = Task { try await mint() }
            state.minting[key] = task
            return task
        }
        do {
            let token = try await task.value
            state.withLockedValue { state in
                guard state.minting[key] == task else { return }
                state.minting[key] = nil
                if token.until > .now() { state.tokens[key] = token }
            }
            return token
        } catch {
            state.withLockedValue { state in
                if state.minting[key] == task { state.minting[key] = nil }
            }
            throw error
        }
    }

    /// Drops a token that the other side no longer takes; a newer one stays.
    func drop(_ key: String, _ token: SharedSecret) {
        state.withLockedValue { state in
            if state.tokens[key]?.value === token { state.tokens[key] = nil }
        }
    }

    func forget() {
        state.withLockedValue { state in
            state.tokens = [:]
            for task in state.minting.values { task.cancel() }
            state.minting = [:]
        }
    }
}
