import Testing
import VaultLedger
import VaultWire

@testable import VaultAgent

@Suite struct SessionExpiryTests {
    private static let began = Timestamp(text: "2026-03-01T08:00:00Z")!

    // case 74
    @Test func `expires after its duration`() {
        let expiry = SessionExpiry("ana", seconds: 8 * 3600, time: Self.began, now: 5_000)
        #expect(!expiry.hasPassed(5_000) && !expiry.hasPassed(5_000 + 8 * 3_600_000 - 1))
        #expect(expiry.hasPassed(5_000 + 8 * 3_600_000) && expiry.hasPassed(.max))
        #expect(expiry.session.member == "ana" && expiry.session.until?.text == "2026-03-01T16:00:00Z")
    }

    @Test func `does not expire without a duration`() {
        let expiry = SessionExpiry("ana", seconds: nil, time: Self.began, now: 5_000)
        #expect(!expiry.hasPassed(.max) && expiry.session.until == nil)
    }
}
