import NIOCore
import NIOSSL
import VaultCore

/// Which certificate authorities are trusted, and where hosts are reached.
///
/// It comes from the agent's environment, never from a request: a client that could choose either could have secrets
/// sent to itself.
public struct NetworkConfiguration: Sendable {
    /// A PEM file of certificates to trust in addition to the system's (`SSL_CERT_FILE`).
    var trustFile: String?
    /// Where to connect instead of a host and port (`VAULT_CONNECT_TO`). TLS still verifies the original host name.
    var connectOverrides: [HostAndPort: HostAndPort]

    /// A host and port.
    public struct HostAndPort: Sendable, Hashable {
        let host: String
        let port: Int

        /// Creates a host and port.
        public init(host: String, port: Int) {
            self.host = host
            self.port = port
        }
    }

    /// Creates a configuration.
    public init(trustFile: String? = nil, connectOverrides: [HostAndPort: HostAndPort] = [:]) {
        self.trustFile = trustFile
        self.connectOverrides = connectOverrides
    }

    /// Parses `HOST:PORT:TO-HOST:TO-PORT`, the format of curl's `--connect-to`. Several are separated by commas, and an
    /// IPv6 address is enclosed in brackets.
    ///
    /// - Returns: nil if `text` has another format.
    public init?(trustFile: String?, connectTo text: String?) {
        self.init(trustFile: trustFile)
        for part in (text ?? "").split(separator: ",") {
            let fields = Self.fields(part)
            guard fields.count == 4, let from = Int(fields[1]), let to = Int(fields[3]), !fields[0].isEmpty,
                !fields[2].isEmpty, (1...65535).contains(from), (1...65535).contains(to)
            else { return nil }
            connectOverrides[HostAndPort(host: fields[0].lowercased(), port: from)] = HostAndPort(
                host: fields[2], port: to)
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

    func address(of destination: Destination) -> HostAndPort {
        let address = HostAndPort(host: destination.host, port: destination.port)
        return connectOverrides[address] ?? address
    }

    /// A context for TLS 1.2 or later. Certificates and host names are always verified.
    ///
    /// - Throws: `trustFile`.
    func makeTLSContext() throws(VaultError) -> NIOSSLContext {
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
            throw .outside(.trustFile(path: trustFile ?? ""))
        }
    }
}
