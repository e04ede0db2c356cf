import NIOConcurrencyHelpers
import NIOCore
import VaultCore

/// A value that is used until a deadline.
protocol Expiring: Sendable {
    var until: NIODeadline { get }
}

/// Caches values until they expire. Concurrent callers share one task that makes a value.
final class ExpiringCache<Value: Expiring>: Sendable {
    private struct State {
        /// Values may have expired.
        var values: [String: Value] = [:]
        var pending: [String: Task<Value, any Error>] = [:]

        func current(_ key: String) -> Value? { values[key].flatMap { $0.until > .now() ? $0 : nil } }
    }

    private let state = NIOLockedValueBox(State())

    /// Returns the value of a key, unless it has expired.
    func current(_ key: String) -> Value? { state.withLockedValue { $0.current(key) } }

    /// Returns the value of a key, or makes a new one with `make`. After a failure, an expired value stays.
    func value(
        _ key: String, make: @escaping @Sendable () async throws -> Value
    ) async throws(VaultError) -> Value {
        let task = state.withLockedValue { state -> Task<Value, any Error> in
            if let value = state.current(key) { return Task { value } }
            if let task = state.pending[key] { return task }
            let task = Task { try await make() }
            state.pending[key] = task
            return task
        }
        let result = await task.result
        state.withLockedValue { state in
            guard state.pending[key] == task else { return }
            state.pending[key] = nil
            if case .success(let value) = result { state.values[key] = value }
        }
        do { return try result.get() } catch { throw (error as? VaultError) ?? .outside(.locked) }
    }

    func set(_ key: String, _ value: Value) { state.withLockedValue { $0.values[key] = value } }

    /// Removes a value if it is stale, but not a newer one.
    func remove(_ key: String, if isStale: (Value) -> Bool) {
        state.withLockedValue { state in
            if let value = state.values[key], isStale(value) { state.values[key] = nil }
        }
    }

    /// Removes and returns the value of a key, even if it has expired. A pending value is not kept.
    func take(_ key: String) -> Value? {
        state.withLockedValue { state in
            state.pending[key] = nil
            return state.values.removeValue(forKey: key)
        }
    }

    func removeAll() {
        state.withLockedValue { state in
            for task in state.pending.values { task.cancel() }
            state = State()
        }
    }
}
