/// A progress line on stderr.
///
/// It appears only on a terminal and only after a second, and disappears at the end.
final class Progress {
    /// The line of this process. It is erased before anything else is written to the terminal.
    nonisolated(unsafe) private static weak var current: Progress?

    private let title: String
    private let total: Int
    private let now: () -> ContinuousClock.Instant
    private let show: ((String) -> Void)?
    private let start: ContinuousClock.Instant
    private var drawn: ContinuousClock.Instant?

    /// - Parameter total: The number of steps, or 0 if unknown.
    convenience init(_ title: String, total: Int) {
        let visible = Descriptor.isTerminal(2) && Descriptor.environment("TERM") != "dumb"
        self.init(
            title, total: total, now: { .now }, show: visible ? { Descriptor.writeBestEffort($0) } : nil)
        unsafe Self.current = self
    }

    /// Erases the line of this process, if it is on the terminal.
    static func erase() { unsafe current?.finish() }

    init(
        _ title: String, total: Int, now: @escaping () -> ContinuousClock.Instant, show: ((String) -> Void)?
    ) {
        self.title = SafeText.escaped(title)
        self.total = total
        self.now = now
        self.show = show
        start = now()
    }

    func update(_ count: Int) {
        guard let show else { return }
        let time = now()
        guard time - start >= .seconds(1) else { return }
        if let drawn, time - drawn < .milliseconds(100) { return }
        drawn = time
        let amount =
            total > 0 ? "\(count) of \(total) (\(Int(Double(count) / Double(total) * 100)) %)" : "\(count)"
        let line = DisplayWidth.truncated("\(title): \(amount)", to: (Terminal.width(of: 2) ?? 80) - 1)
        show("\r\(line)\u{1B}[K")
    }

    func finish() {
        if drawn != nil { show?("\r\u{1B}[K") }
        drawn = nil
    }

    deinit { finish() }
}
