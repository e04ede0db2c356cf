import Foundation
import TestSupport
import Testing

/// Many concurrent commands.
@Suite(.dedicatedThread, .enabled(if: Victim.isBuilt))
struct CrowdTests {
    /// Five changes by each of twenty processes, half of them to the same secret.
    private static let script = """
        for i in 1 2 3 4 5; do
            if [ "$0" -lt 10 ]; then
                "$PROGRAM" connection create celonis --name "W$0 $i" --set api-type=intelligence \\
                    --set domain=team.us-1.celonis.cloud --set auth-type=custom --secret "app-key=$1" || exit 1
            else
                "$PROGRAM" secret set shared app-key --from "$1" || exit 1
            fi
        done
        """

    // case 39
    @Test func `a hundred concurrent changes all succeed`() throws {
        let program = try Victim()
        try program.initialize()
        _ = try program.run(try program.creation("shared", "value"))
        let source = try program.source("value")
        let crowd = try (0..<20).map { number in
            let process = program.process(["-c", Self.script, String(number), source], program: "/bin/sh")
            let error = Pipe()
            process.standardOutput = FileHandle.nullDevice
            process.standardError = error
            try Victim.start(process)
            return (process, Reading(error))
        }
        for (process, reading) in crowd {
            let complaint = String(decoding: reading.wait(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(complaint)")
            #expect(!complaint.contains("locked"))
        }
        #expect(try program.names().count == 51)
        let secrets = try program.must("secret", "list", "shared", "--json")
        #expect(secrets.contains("\"version\":51"), "\(secrets)")
        try program.must("audit", "verify", "--secrets")
        let log = try program.must("audit", "log", "--json").split(separator: "\n")
        #expect(log.count == 3 + 1 + 100)
    }
}
