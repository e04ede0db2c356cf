/// A text table with aligned columns.
///
/// Cells are escaped here. A cell never wraps; on a terminal the widest columns are truncated with `…` until a row fits.
struct Table {
    /// The smallest width that a column is truncated to; a narrower terminal wraps.
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

    /// Formats the table.
    ///
    /// - Parameter width: The columns of the terminal, or nil to truncate nothing.
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
