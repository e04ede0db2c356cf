@testable import VaultRegistry

/// A built-in connector.
func builtIn(_ name: String) throws -> Connector {
    struct Missing: Error { let name: String }
    guard let found = Connector.builtIn(named: name) else { throw Missing(name: name) }
    return found
}

extension Result {
    var value: Success? { try? get() }

    var problem: Failure? {
        switch self {
        case .success: nil
        case .failure(let failure): failure
        }
    }
}

extension Connector {
    func field(named key: String) -> Field { field(key)! }

    /// The stored value of a pasted text, or nil if it is rejected.
    func stored(_ text: String, in key: String) -> String? {
        guard case .text(let value)? = normalize([text], for: field(named: key)).value else { return nil }
        return value
    }

    func refusal(_ text: String, in key: String) -> Problem? {
        normalize([text], for: field(named: key)).problem
    }
}

extension Field {
    /// The stored part of a secret, or nil if it is rejected.
    func kept(_ secret: String) -> String? {
        var bytes = Array(secret.utf8)
        return unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let range = try? unsafe acceptedRange(of: UnsafeRawBufferPointer(buffer)) else {
                return nil
            }
            return unsafe String(decoding: buffer[range], as: UTF8.self)
        }
    }

    func refusal(ofSecret secret: String) -> Problem? {
        var bytes = Array(secret.utf8)
        return unsafe bytes.withUnsafeMutableBytes { buffer in
            do throws(Problem) {
                _ = try unsafe acceptedRange(of: UnsafeRawBufferPointer(buffer))
                return nil
            } catch {
                return error
            }
        }
    }
}
