// The folder's rule: what the agent is made of, with the clock in the test's hand; the agent as a program is in
// VaultCLITests.

import Testing
import VaultLedger
import VaultWire

@testable import VaultAgent

@Suite struct LeaseTests {
    private static let began = Timestamp(text: "2026-03-01T08:00:00Z")!

    // case 74
    @Test func `is over when its time is, by a clock that it is told`() {
        let lease = Lease("ana", seconds: 8 * 3600, time: Self.began, now: 5_000)
        #expect(!lease.isOver(5_000) && !lease.isOver(5_000 + 8 * 3_600_000 - 1))
        #expect(lease.isOver(5_000 + 8 * 3_600_000) && lease.isOver(.max))
        #expect(lease.open.member == "ana" && lease.open.until?.text == "2026-03-01T16:00:00Z")
    }

    @Test func `without a time it lasts`() {
        let lease = Lease("ana", seconds: nil, time: Self.began, now: 5_000)
        #expect(!lease.isOver(.max) && lease.open.until == nil)
    }
}

@Suite struct GuessesTests {
    // case 76
    @Test func `the first try is at once, and the wait grows from one second to a minute`() {
        var guesses = Guesses()
        var (now, waits): (Int64, [Int64]) = (0, [])
        for _ in 0..<9 {
            let wait = guesses.wait(now)
            waits.append(wait)
            now += wait
            guesses.failed(now)
        }
        #expect(waits == [0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
    }

    // case 76
    @Test func `tries that come together wait behind one another`() {
        var guesses = Guesses()
        #expect(guesses.wait(0) == 0)
        guesses.failed(0)
        #expect((0..<3).map { _ in guesses.wait(0) } == [1000, 2000, 3000])
        guesses.failed(1000)
        // The next one stands behind all of them.
        #expect(guesses.wait(1000) >= 3000)
    }

    @Test func `time that passes is waited, and the right one ends it`() {
        var guesses = Guesses()
        _ = guesses.wait(0)
        guesses.failed(0)
        #expect(guesses.wait(700) == 300)
        guesses.failed(1000)
        #expect(guesses.wait(10_000) == 0)
        guesses.succeeded()
        #expect(guesses.wait(10_000) == 0 && guesses.wait(10_000) == 0)
    }
}
