extension Context {
    /// Writes a result as JSON, or as text.
    func write(_ result: @autoclosure () -> JSONObject, text: (Output) throws -> Void) throws {
        if json { try output.result(result()) } else { try text(output) }
        try output.flush()
    }

    /// Writes a result as JSON, or as lines of text, which are escaped here.
    func write(_ result: @autoclosure () -> JSONObject, lines: [String]) throws {
        try write(result()) { try $0.lines(lines) }
    }

    /// Writes a document such as a checkpoint; with `--json` as the member `name` of an object.
    func write(document: String, as name: String) throws {
        try write([name: document]) { try $0.write(document) }
    }

    /// Writes results one per line as JSON, or as lines of text, which are escaped here.
    func write<Item>(_ results: [Item], json: (Item) -> JSONObject, lines: (Item) -> [String]) throws {
        for result in results {
            if self.json { try output.result(json(result)) } else { try output.lines(lines(result)) }
        }
        try output.flush()
    }

    /// Writes rows as a table, or one per line as JSON.
    func write<Row>(
        _ rows: [Row], _ headers: [String], json: (Row) -> JSONObject, cells: (Row) -> [String]
    ) throws {
        if self.json { return try write(rows, json: json, lines: { _ in [] }) }
        try output.table(Table(headers, rows.map(cells)))
        try output.flush()
    }

    /// Writes what was done, and the next command, as a line each; or its values as JSON.
    func receipt(_ text: String, _ values: JSONObject, next: String? = nil) throws {
        var result = values
        if result["done"] == nil { result["done"] = true }
        try write(result, lines: [text] + (next.map { ["next: \($0)"] } ?? []))
    }
}
