/// A text table with aligned columns.
///
/// Cells are escaped here. A cell never wraps; on a terminal the widest columns are truncated with `…` until a row fits.
struct Table {
    /// The smallest width that a column is truncated to; a narrower terminal wraps.
    static let narrowest = 8
    private static let gap = 2

    private let headers: [String]
    private let rows: [[String]]

    init(_ headers: [String], _ rows: [[String]]) {
        precondition(rows.allSatisfy { $0.count == headers.count }, "a row has a cell for each header")
        self.headers = headers
        self.rows = rows.map { $0.map(SafeText.escaped) }
    }

    /// - Parameter width: The columns of the terminal, or nil to truncate nothing.
    func text(width: Int?, style: Style = .plain) -> String {
        let widths = columnWidths(fitting: width)
        var text = style.bold(line(headers, widths)) + "\n"
        for row in rows { text += line(row, widths) + "\n" }
        return text
    }

    private func columnWidths(fitting width: Int?) -> [Int] {
        var widths = headers.indices.map { column in
            ([headers] + rows).map { DisplayWidth.of($0[column]) }.max()!
        }
        guard let width else { return widths }
        let excess = widths.reduce(0, +) + Table.gap * (widths.count - 1) - width
        for _ in 0..<max(0, excess) {
            let widest = widths.indices.max { widths[$0] < widths[$1] }!
            guard widths[widest] > Table.narrowest else { break }
            widths[widest] -= 1
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
