/// The secrets of one message, which are sent beside its text and never in it.
///
/// The encoder stores each secret here and writes its index into the text. The decoder replaces each index by the
/// secret, and accepts an index only once.
public final class SecretCarrier {
    /// The secrets, by index.
    public private(set) var secrets: [SharedSecret]
    private var isTaken: [Bool]

    /// Creates a carrier.
    ///
    /// - Parameter secrets: the secrets received with a message to decode; empty for encoding.
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

/// The base class of encoders and decoders that support secrets.
///
/// A class instead of an entry of `userInfo`, which would allocate a dictionary for each value.
open class SecretCoder {
    /// The secrets of the message.
    public let carrier: SecretCarrier

    /// Creates a coder for one message.
    public init(_ carrier: SecretCarrier) { self.carrier = carrier }
}

/// A secret is encoded as its index in the message's `SecretCarrier`; other encoders reject it.
extension SharedSecret: Codable {
    /// Stores the secret in the carrier and encodes its index.
    ///
    /// - Throws: `EncodingError.invalidValue` if the encoder is not a `SecretCoder`; errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        guard let carrier = (encoder as? SecretCoder)?.carrier else {
            throw EncodingError.invalidValue(
                self, .init(codingPath: encoder.codingPath, debugDescription: "a secret has no text"))
        }
        try carrier.add(self).encode(to: encoder)
    }

    /// Decodes an index and takes the secret from the carrier.
    ///
    /// - Throws: `DecodingError.dataCorrupted` if the decoder is not a `SecretCoder`, or if the carrier has no such
    ///   secret or it was taken before; errors of the decoder.
    public convenience init(from decoder: any Decoder) throws {
        let number = try Int(from: decoder)
        guard let secret = (decoder as? SecretCoder)?.carrier.take(number) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no such secret in the message"))
        }
        self.init(sharing: secret)
    }
}
