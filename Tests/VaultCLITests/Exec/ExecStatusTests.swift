import Foundation
import TestSupport
import Testing

@testable import VaultCLI

@Suite(.dedicatedThread) struct ExecStatusTests {
    @Test(arguments: [true, false]) func `exits with the child's own status`(handedOver: Bool) throws {
        let driver = Driver(handedOver: handedOver)
        #expect(try driver.run("true").status == 0)
        #expect(try driver.run("sh", "-c", "exit 77").status == 77)
    }

    // case 83
    @Test(arguments: [9, 15, 11]) func `exits with 128 plus the signal that ended the child`(signal: Int32)
        throws
    {
        #expect(try Driver().run("sh", "-c", "kill -\(signal) $$").status == 128 + signal)
        #expect(try Driver(handedOver: true).run("sh", "-c", "kill -\(signal) $$").status == -signal)
    }

    @Test(arguments: [true, false]) func `distinguishes not found from not executable`(handedOver: Bool)
        throws
    {
        let driver = Driver(handedOver: handedOver)
        let missing = try driver.run("no-such-command")
        #expect(missing.status == 127 && missing.errorText.contains("notFound(command: \"no-such-command\")"))
        #expect(try driver.run("/no/such/file").status == 127)
        #expect(try driver.run("/etc/passwd").status == 126)
        #expect(try driver.run("/").status == 126)
        #expect(try driver.run("true", Driver.long).status == 126)
        #expect(try driver.run("").status == 64)
    }

    @Test func `looks up a command in the child's PATH, including scripts without a shebang`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = folder.appending(path: "greet")
        // Another process writes the script. If this one did, a child that a parallel test forks could inherit the open file,
        // and executing the script would fail with ETXTBSY.
        _ = try Subprocess.run("sh", ["-c", "printf '%s' 'echo \"hello $1\"' >'\(script.path())'"])
        #expect(try Driver(environment: ["PATH": folder.path() + ":/bin"]).run("greet", "you").status == 126)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path())
        let driver = Driver(environment: ["PATH": "/nowhere:" + folder.path() + ":/bin"])
        #expect(try driver.run("greet", "you").text == "hello you\n")
        #expect(ChildCommand.candidates("a", path: ":/b") == ["./a", "/b/a"])
    }

    // case 60
    @Test(arguments: [true, false]) func `leaves only the three standard descriptors open`(handedOver: Bool)
        throws
    {
        let around = [
            "python3", "-c",
            "import os,sys; os.dup2(1, 57); os.set_inheritable(57, True); os.execv(sys.argv[1], sys.argv[1:])",
        ]
        let driver = Driver(handedOver: handedOver, around: around)
        // The fourth is the folder that ls reads.
        #expect(try driver.run("ls", "/proc/self/fd").text == "0\n1\n2\n3\n")
    }

    // case 57
    @Test func `restores the core limit for the child`() throws {
        // The driver saves its limit, and then lowers it as `vault` does.
        let around = ["sh", "-c", "ulimit -Sc \"$(ulimit -Hc)\"; exec \"$0\" \"$@\""]
        let hard = try Driver().run("sh", "-c", "ulimit -Hc").text
        for handedOver in [true, false] {
            let driver = Driver(handedOver: handedOver, environment: ["EXEC_CORE": "0"], around: around)
            #expect(try driver.run("sh", "-c", "ulimit -Sc").text == hard)
        }
    }

    @Test(arguments: [true, false]) func `restores the signal dispositions for the child`(handedOver: Bool)
        throws
    {
        for (around, ignored) in [([], 0), (["sh", "-c", "trap '' HUP; exec \"$0\" \"$@\""], 1 as UInt64)] {
            let driver = Driver(handedOver: handedOver, around: around)
            let text = try driver.run("grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status").text
            let sets = text.split(separator: "\n").compactMap { UInt64($0.suffix(16), radix: 16) }
            // Only the signals with names: the test libraries use some of the others.
            #expect(sets.map { $0 & 0x7fff_ffff } == [0, ignored], "\(text)")
        }
    }
}
