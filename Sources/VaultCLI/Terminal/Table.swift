/// Rows in aligned columns, for people.
///
/// Cells are given as they are in the vault and escaped here. A cell is never wrapped; on a terminal the widest
/// columns give way until the row fits, with `…`. Off a terminal nothing is cut.
struct Table {
    /// No column is cut below this, so that a name stays recognisable; a very narrow terminal wraps instead.
    static let narrowest = 8
    private static let gap = 2

    private let headers: [String]
    private var rows: [[String]] = []

    init(_ headers: [String]) { self.headers = headers }

    /// Adds a row with one cell for each header.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == headers.count, "a row has a cell for each header")
        rows.append(cells.map(SafeText.escaped))
    }

    var isEmpty: Bool { rows.isEmpty }

    /// The lines; `width` is the terminal's, nil where there is none.
    func text(width: Int?, style: Style = .plain) -> String {
        let widths = columnWidths(fitting: width)
        var text = style.bold(line(headers, widths)) + "\n"
        for row in rows { text += line(row, widths) + "\n" }
        return text
    }

    private func columnWidths(fitting width: Int?) -> [Int] {
        var widths = headers.map(DisplayWidth.of)
        for row in rows {
            for (column, cell) in row.enumerated() {
                widths[column] = max(widths[column], DisplayWidth.of(cell))
            }
        }
        guard let width else { return widths }
        var excess = widths.reduce(0, +) + Table.gap * (widths.count - 1) - width
        while excess > 0 {
            let widest = widths.indices.max { widths[$0] < widths[$1] }!
            guard widths[widest] > Table.narrowest else { break }
            let runnerUp = widths.indices.filter { $0 != widest }.map { widths[$0] }.max() ?? 0
            let floor = max(Table.narrowest, min(runnerUp, widths[widest] - 1))
            let cut = min(excess, widths[widest] - floor)
            widths[widest] -= cut
            excess -= cut
        }
        return widths
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var line = ""
        var owed = 0
        for (column, cell) in cells.enumerated() {
            let shown = DisplayWidth.truncated(cell, to: widths[column])
            if !shown.isEmpty {
                line += String(repeating: " ", count: owed) + shown
                owed = 0
            }
            owed += widths[column] - DisplayWidth.of(shown) + Table.gap
        }
        return line
    }
}
