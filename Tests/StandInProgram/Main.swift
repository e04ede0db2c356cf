import Foundation
import StandIn

/// The stand-in as a program, to try the README by hand: `celonis-stand-in FOLDER [PORT]`.
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
        // Whoever started it may be waiting for these lines at the other end of a pipe.
        fflush(nil)
        try await celonis.run()
    }
}
