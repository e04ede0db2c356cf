import Testing

@testable import VaultAgent

@Suite struct UnlockThrottleTests {
    // case 76
    @Test func `delays attempts after failures from one second up to a minute`() {
        var throttle = UnlockThrottle()
        var (now, waits): (Int64, [Int64]) = (0, [])
        for _ in 0..<9 {
            let wait = throttle.wait(now)
            waits.append(wait)
            now += wait
            throttle.failed(now)
        }
        #expect(waits == [0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
    }

    // case 76
    @Test func `makes concurrent attempts wait one after another`() {
        var throttle = UnlockThrottle()
        #expect(throttle.wait(0) == 0)
        throttle.failed(0)
        #expect((0..<3).map { _ in throttle.wait(0) } == [1000, 2000, 3000])
        throttle.failed(1000)
        // The next attempt waits for all of them.
        #expect(throttle.wait(1000) >= 3000)
    }

    @Test func `counts the time that has passed, and resets after a success`() {
        var throttle = UnlockThrottle()
        _ = throttle.wait(0)
        throttle.failed(0)
        #expect(throttle.wait(700) == 300)
        throttle.failed(1000)
        #expect(throttle.wait(10_000) == 0)
        throttle.succeeded()
        #expect(throttle.wait(10_000) == 0 && throttle.wait(10_000) == 0)
    }
}
