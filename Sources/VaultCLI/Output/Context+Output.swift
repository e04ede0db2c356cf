import VaultLedger

extension Context {
    /// Writes a result as JSON, or as text.
    func write(_ value: @autoclosure () -> JSON, text: (Output) throws -> Void) throws {
        if json { try output.json(value()) } else { try text(output) }
        try output.flush()
    }

    /// Writes a document such as a checkpoint; with `--json` as the member `name` of an object.
    func write(document: String, as name: String) throws {
        try write(.object([name: .string(document), "schema": 1])) { try $0.write(document) }
    }

    /// Writes rows as a table, or one per line as JSON.
    func write<Row>(
        _ rows: [Row], _ headers: [String], json: (Row) throws -> JSON, cells: (Row) throws -> [String]
    ) throws {
        if self.json {
            for row in rows { try output.json(json(row)) }
        } else {
            var table = Table(headers)
            for row in rows { table.add(try cells(row)) }
            try output.table(table)
        }
        try output.flush()
    }

    /// Writes what was done as one line, or its values as JSON.
    func receipt(_ text: String, _ values: JSON.Members) throws {
        var members = values
        if members["done"] == nil { members["done"] = true }
        members["schema"] = 1
        try write(.object(members)) { try $0.line(SafeText.escaped(text)) }
    }
}
