import Foundation
import StandIn

/// The fake Celonis team as a program, for trying the examples of the README: `celonis-stand-in FOLDER [PORT]`.
@main struct Main {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 2 else {
            print("usage: celonis-stand-in FOLDER [PORT]")
            exit(64)
        }
        let certificates = try TestCertificates(
            in: arguments[1],
            names: ["*.eu-1.celonis.cloud", "*.us-1.celonis.cloud", "localhost", "IP:127.0.0.1"])
        let celonis = try await Celonis(
            certificates: certificates, port: arguments.count > 2 ? Int(arguments[2]) ?? 0 : 0)
        print("port \(celonis.port)")
        print("SSL_CERT_FILE=\(certificates.authority)")
        // A pipe is fully buffered, and its reader waits for these lines.
        fflush(nil)
        try await celonis.run()
    }
}
