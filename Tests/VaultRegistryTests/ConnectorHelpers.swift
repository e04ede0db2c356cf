@testable import VaultRegistry

/// A built-in connector.
func builtIn(_ name: String) throws -> Connector {
    struct Missing: Error { let name: String }
    guard let found = Connector.builtIn(named: name) else { throw Missing(name: name) }
    return found
}

extension ValidatedForm {
    /// The form if it has no problems.
    func get() throws -> ValidatedForm {
        struct Invalid: Error { let problems: [Problem] }
        guard problems.isEmpty else { throw Invalid(problems: problems) }
        return self
    }
}

extension Connector {
    func field(named key: String) -> Field { field(key)! }

    /// The keys of the fields that apply and were left empty.
    func emptyFields(in form: ValidatedForm) -> [String] {
        fields.filter { field in
            field.applies(in: form.settings) && form.settings[field.key] == nil
                && !form.secretFields.contains(field)
        }.map(\.key)
    }

    /// The stored value of a pasted text, or nil if it is rejected.
    func stored(_ text: String, in key: String) -> String? {
        guard case .text(let value)? = try? field(named: key).normalized([text]) else { return nil }
        return value
    }

    func refusal(_ text: String, in key: String) -> Problem? { field(named: key).refusal(of: [text]) }
}

extension Field {
    func refusal(of raw: [String]) -> Problem? {
        do {
            _ = try normalized(raw)
            return nil
        } catch {
            return error
        }
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
