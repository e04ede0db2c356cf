import VaultLedger

extension Context {
    /// Writes what was done as one line, or its values as JSON.
    func receipt(_ text: String, _ values: JSON.Members) throws(OutputError) {
        if json {
            var members = values
            if members["done"] == nil { members["done"] = true }
            members["schema"] = 1
            try output.json(.object(members))
        } else {
            try output.line(SafeText.escaped(text))
        }
        try output.flush()
    }
}

enum Identifiers {
    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
