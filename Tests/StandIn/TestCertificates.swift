// A fake behaves as the real system is documented to (docs/connectors.md names the sources). Behavior that exists for
// the tests alone is marked. Fakes are not shipped.

import Foundation

/// A certificate authority and one server certificate, created with the `openssl` program.
public struct TestCertificates: Sendable {
    /// The PEM file of the authority, for clients to trust.
    public let authority: String
    /// The PEM file of the server's certificate.
    public let chain: String
    /// The PEM file of the server's private key.
    public let key: String

    /// Creates the authority and the certificate.
    ///
    /// - Parameters:
    ///   - folder: the directory for the files; it is created when it does not exist.
    ///   - names: DNS names, and other subject alternative names with their type, such as `IP:127.0.0.1` or
    ///     `email:a@b.example`. Empty for a certificate without alternative names.
    ///   - commonName: the subject's common name, which clients must ignore.
    ///   - days: the validity.
    /// - Throws: `CocoaError` when `openssl` is missing or fails.
    public init(
        in folder: String, names: [String], commonName: String = "stand-in", days: Int = 2
    ) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        authority = folder + "/ca.pem"
        chain = folder + "/server.pem"
        key = folder + "/server.key"
        let subject = names.map { $0.contains(":") ? $0 : "DNS:" + $0 }.joined(separator: ",")
        try Self.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout \(folder)/ca.key -out \(authority) "
                + "-days \(days) -subj /CN=test-authority -addext basicConstraints=critical,CA:TRUE "
                + "-addext keyUsage=critical,keyCertSign")
        try Self.openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout \(key) -out \(folder)/server.csr "
                + "-subj /CN=\(commonName)")
        let alternatives = names.isEmpty ? "" : "subjectAltName=\(subject)\n"
        try "\(alternatives)extendedKeyUsage=serverAuth\n".write(
            toFile: folder + "/extensions", atomically: true, encoding: .utf8)
        try Self.openssl(
            "x509 -req -in \(folder)/server.csr -CA \(authority) -CAkey \(folder)/ca.key -CAcreateserial "
                + "-days \(days) -extfile \(folder)/extensions -out \(chain)")
    }

    private static func openssl(_ arguments: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments.split(separator: " ").map { String($0) }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }
}
