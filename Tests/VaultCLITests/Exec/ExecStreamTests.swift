import Foundation
import Libc
import TestSupport
import Testing

@testable import VaultCLI

@Suite(.dedicatedThread) struct ExecStreamTests {
    private let key = "MDFkM2Y5OnMzY3IzdC1rZXk"

    private func driver(around: [String] = []) -> Driver { Driver(secrets: [("KEY", key)], around: around) }

    // case 84
    @Test func `masks both streams separately`() throws {
        let outcome = try driver().run("sh", "-c", "echo out $KEY; echo err $KEY >&2")
        #expect(outcome.text == "out *****\n" && outcome.errorText.contains("err *****\n"))
        #expect(!outcome.errorText.contains(key))
    }

    // case 84
    @Test func `masks a secret that is written in two parts with a pause`() throws {
        let script = """
            import os, sys, time
            key = os.environ["KEY"].encode()
            for part in (b"a ", key[:9], key[9:], b" b"):
                os.write(1, part)
                time.sleep(0.2)
            """
        #expect(try driver().run("python3", "-c", script).text == "a ***** b")
    }

    // case 84
    @Test func `masks base64 of a header and percent-encoding as other programs write them`() throws {
        let script = """
            import base64, os, urllib.parse
            key = os.environ["KEY"]
            print(base64.b64encode(("AppKey " + key).encode()).decode())
            print(urllib.parse.quote("x=" + key + "&", safe=""))
            """
        let lines = try driver().run("python3", "-c", script).text.split(separator: "\n")
        #expect(lines[0].hasPrefix("QXBwS2V5I") && lines[0].hasSuffix("*****"))
        #expect(lines[1] == "x%3D*****%26")
        let shell = try driver().run(
            "sh", "-c", "printf %s $KEY | base64; printf %s $KEY | od -An -tx1 | tr -d ' \\n'")
        #expect(shell.text == "*****\n*****")
    }

    @Test func `passes on a prompt before the child reads`() throws {
        let process = driver().process(["sh", "-c", "printf 'Name? '; read name; echo \"hello $name\""])
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var prompt = Data()
        while prompt.count < 6 { prompt += output.fileHandleForReading.availableData }
        #expect(prompt == Data("Name? ".utf8))
        input.fileHandleForWriting.write(Data("Bo\n".utf8))
        #expect(output.fileHandleForReading.readDataToEndOfFile() == Data("hello Bo\n".utf8))
        process.waitUntilExit()
    }

    @Test func `passes binary output and input unchanged`() throws {
        var generator = SeededGenerator(seed: 7)
        let bytes = Data((0..<3_000_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try bytes.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var driver = driver()
        driver.input = try FileHandle(forReadingFrom: file)
        #expect(try driver.run("cat").output == bytes)
    }

    @Test func `passes large output on both streams without a deadlock`() throws {
        let outcome = try driver().run(
            "sh", "-c", "head -c 20000000 /dev/zero & head -c 20000000 /dev/zero >&2 & wait")
        #expect(outcome.output.count == 20_000_000)
        #expect(outcome.error.count(where: { $0 == 0 }) == 20_000_000)
    }

    @Test func `gives the child a broken pipe when the reader closes it`() throws {
        let around = ["bash", "-c", "\"$0\" \"$@\" | head -n 1; echo ${PIPESTATUS[0]}"]
        #expect(try driver(around: around).run("sh", "-c", "yes").text == "y\n\(128 + 13)\n")
    }

    @Test func `fails when the disk is full`() throws {
        let full = driver(around: ["sh", "-c", "\"$0\" \"$@\" >/dev/full"])
        let outcome = try full.run("sh", "-c", "echo lost; sleep 0.2")
        #expect(
            outcome.status == 125 && outcome.errorText.contains("system(call: \"write\", code: \(ENOSPC))"))
    }

    @Test func `does not wait forever for a grandchild that keeps a stream open`() throws {
        let outcome = try driver().run("sh", "-c", "sleep 300 & echo $!")
        let grandchild = try #require(Int32(outcome.text.trimmingCharacters(in: .newlines)))
        #expect(outcome.status == 0 && kill(grandchild, SIGKILL) == 0)
    }
}
