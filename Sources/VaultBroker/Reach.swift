import NIOCore
import NIOSSL
import VaultCore

/// How hosts are reached and whom this machine trusts: decided where the agent starts, never by who asks it.
///
/// A caller who could choose either could have a secret sent to themselves.
public struct Reach: Sendable {
    /// PEM certificates that are trusted besides the system's (`SSL_CERT_FILE`).
    public var trustFile: String?
    /// Where to connect in place of a host and port (`VAULT_CONNECT_TO`); TLS still verifies the host's own name.
    public var detours: [Place: Place]

    public struct Place: Sendable, Hashable {
        public let host: String
        public let port: Int

        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    public init(trustFile: String? = nil, detours: [Place: Place] = [:]) {
        self.trustFile = trustFile
        self.detours = detours
    }

    /// Reads `HOST:PORT:TO-HOST:TO-PORT`, several with commas between, as curl's `--connect-to` is written; an IPv6
    /// address stands in brackets.
    ///
    /// - Returns: nil for what is not written like this.
    public init?(trustFile: String?, connectTo text: String?) {
        self.init(trustFile: trustFile)
        for part in (text ?? "").split(separator: ",") {
            let fields = Self.fields(part)
            guard fields.count == 4, let from = Int(fields[1]), let to = Int(fields[3]), !fields[0].isEmpty,
                !fields[2].isEmpty, (1...65535).contains(from), (1...65535).contains(to)
            else { return nil }
            detours[Place(host: fields[0].lowercased(), port: from)] = Place(host: fields[2], port: to)
        }
    }

    private static func fields(_ text: Substring) -> [String] {
        var fields = [""]
        var isBracketed = false
        for character in text {
            switch character {
            case "[": isBracketed = true
            case "]": isBracketed = false
            case ":" where !isBracketed: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
        }
        return fields
    }

    func place(of destination: Destination) -> Place {
        let own = Place(host: destination.host, port: destination.port)
        return detours[own] ?? own
    }

    /// TLS 1.2 at least, every certificate and name verified. Nothing turns that off.
    func trust() throws(OutsideFault) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        configuration.applicationProtocols = ["http/1.1"]
        do {
            if let trustFile {
                configuration.additionalTrustRoots = [
                    .certificates(try NIOSSLCertificate.fromPEMFile(trustFile))
                ]
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .trustFile(path: trustFile ?? "")
        }
    }
}
