import Testing

@testable import VaultLedger

struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (1_000_000_000, "2001-09-09T01:46:40Z"), (2_147_483_648, "2038-01-19T03:14:08Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"), (1_795_467_900, "2026-11-23T21:05:00Z"),
        (-62_167_219_200, "0000-01-01T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
    ]) func `formats and parses known times`(seconds: Int64, text: String) {
        #expect(Timestamp(seconds: seconds).text == text)
        #expect(Timestamp(text: text) == Timestamp(seconds: seconds))
    }

    @Test func `parses a date as its first second`() {
        #expect(Timestamp(text: "2024-02-29") == Timestamp(text: "2024-02-29T00:00:00Z"))
    }

    @Test(arguments: [
        "", "2024", "2024-1-01", "2024-01-1", "2024/01/01", "2023-02-29", "1900-02-29", "2100-02-29",
        "2024-02-30",
        "2024-04-31", "2024-00-10", "2024-13-01", "2024-99-99", "2024-01-00", "2024-01-32",
        "2024-01-01T00:00:00",
        "2024-01-01 00:00:00Z", "2024-01-01t00:00:00z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:60Z", "2024-01-01T00:00:00+00:00", "2024-01-01T00:00:00.0Z", "-024-01-01",
        "+024-01-01",
        " 2024-01-01", "２０２４-01-01", "2024-01-01T00:00:0xZ",
    ]) func `rejects malformed times`(text: String) {
        #expect(Timestamp(text: text) == nil)
    }

    @Test func `formats and parses every day of four centuries`() throws {
        var (year, month, day) = (1900, 1, 1)
        for number in stride(from: Int64(-25_567), to: 120_530, by: 1) {
            let second = number * 86_400 + (number & 0xffff) % 86_400
            let moment = Timestamp(seconds: second)
            guard Timestamp(text: moment.text) == moment, moment.text.hasPrefix(name(year, month, day)) else {
                Issue.record("\(moment.text) is not \(name(year, month, day))")
                return
            }
            let isLeap = year.isMultiple(of: 4) && !year.isMultiple(of: 100) || year.isMultiple(of: 400)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect((year, month, day) == (2300, 1, 1))
    }

    // case 50: entries can be read even if the clock was out of range.
    @Test func `clamps a time outside the years 0000 to 9999`() {
        for seconds in [Int64.min, -62_167_219_201] {
            #expect(Timestamp(seconds: seconds).text == "0000-01-01T00:00:00Z")
        }
        for seconds in [Int64.max, 253_402_300_800] {
            #expect(Timestamp(seconds: seconds).text == "9999-12-31T23:59:59Z")
        }
    }

    @Test func `orders by time`() {
        #expect(Timestamp(seconds: 1) < Timestamp(seconds: 2))
        #expect(!(Timestamp(seconds: 2) < Timestamp(seconds: 2)))
    }

    private func name(_ year: Int, _ month: Int, _ day: Int) -> String {
        "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)T"
    }
}
