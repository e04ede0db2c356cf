/// The secrets of one message, which travel beside its text and never in it.
///
/// While a message is encoded each secret in it is put aside here, and its number stands in the text; while one is
/// decoded the numbers are handed their secrets back, each once.
public final class SecretCarrier {
    /// In the order of their numbers.
    public private(set) var secrets: [SharedSecret]
    private var isTaken: [Bool]

    /// For encoding nothing is in it yet; for decoding what came with the message.
    public init(_ secrets: [SharedSecret] = []) {
        self.secrets = secrets
        isTaken = Array(repeating: false, count: secrets.count)
    }

    fileprivate func add(_ secret: SharedSecret) -> Int {
        secrets.append(secret)
        return secrets.count - 1
    }

    fileprivate func take(_ number: Int) -> SharedSecret? {
        guard isTaken.indices.contains(number), !isTaken[number] else { return nil }
        isTaken[number] = true
        return secrets[number]
    }
}

/// A coder that puts secrets aside: the root of those that can code a secret.
///
/// A class, and not `userInfo`, which would be made anew for each value, as a dictionary of a type that nothing else has.
open class SecretCoder {
    public let carrier: SecretCarrier

    public init(_ carrier: SecretCarrier) { self.carrier = carrier }
}

/// A secret is encoded as its number among those of the message; by another coder it is not encoded at all.
extension SharedSecret: Codable {
    public func encode(to encoder: any Encoder) throws {
        guard let carrier = (encoder as? SecretCoder)?.carrier else {
            throw EncodingError.invalidValue(
                self, .init(codingPath: encoder.codingPath, debugDescription: "a secret has no text"))
        }
        try carrier.add(self).encode(to: encoder)
    }

    public convenience init(from decoder: any Decoder) throws {
        let number = try Int(from: decoder)
        guard let secret = (decoder as? SecretCoder)?.carrier.take(number) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no such secret in the message"))
        }
        self.init(sharing: secret)
    }
}
