/// The secrets of one message, which travel beside its text and never in it.
///
/// While a message is encoded each secret in it is put aside here, and its number stands in the text; while one is
/// decoded the numbers are handed their secrets back, each once. Given to the coders by `userInfo`, and to one
/// message at a time.
public final class SecretCarrier {
    public static let key = CodingUserInfoKey(rawValue: "secrets")!

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

/// A secret is encoded as its number among those of the message; without a carrier it is not encoded at all.
extension SharedSecret: Codable {
    public func encode(to encoder: any Encoder) throws {
        guard let carrier = encoder.userInfo[SecretCarrier.key] as? SecretCarrier else {
            throw EncodingError.invalidValue(
                self, .init(codingPath: encoder.codingPath, debugDescription: "a secret has no text"))
        }
        try carrier.add(self).encode(to: encoder)
    }

    public convenience init(from decoder: any Decoder) throws {
        let number = try Int(from: decoder)
        guard let carrier = decoder.userInfo[SecretCarrier.key] as? SecretCarrier,
            let secret = carrier.take(number)
        else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no such secret in the message"))
        }
        self.init(secret.bytes.clone())
    }
}
