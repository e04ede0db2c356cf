// The folder's rule: what stands in for another system does what that system is known to do (docs/connectors.md names
// where from), and says in its code where it does more for a test's sake. It is no part of what is shipped.

import Foundation

/// A certificate authority of the tests, and what it signed; made anew for each run with the openssl program.
public struct TestCertificates: Sendable {
    /// PEM files: the authority that a client is told to trust, a server's chain and key.
    public let authority: String
    public let chain: String
    public let key: String

    /// - Parameters:
    ///   - names: DNS names, and others with their kind, such as `IP:127.0.0.1` and `email:a@b.example`; with none of
    ///     them the certificate has no alternative names.
    ///   - commonName: the subject's name, which no client may go by.
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
