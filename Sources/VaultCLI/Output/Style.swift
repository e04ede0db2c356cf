/// Emphasis on a terminal. The text must be clear without it.
struct Style: Equatable, Sendable {
    static let plain = Style(isOn: false)

    let isOn: Bool

    init(isOn: Bool) { self.isOn = isOn }

    /// Emphasis is on for a terminal, unless `NO_COLOR` is set and not empty, or `TERM` is `dumb`.
    init(for descriptor: Int32, environment: (String) -> String? = Descriptor.environment) {
        isOn = Descriptor.isTerminal(descriptor) && Style.wanted(environment)
    }

    static func wanted(_ environment: (String) -> String?) -> Bool {
        (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
    }

    func bold(_ text: String) -> String { wrap(text, "1") }
    func red(_ text: String) -> String { wrap(text, "31") }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
