import Foundation
import GRDB

extension Row {
    /// A blob's bytes; empty for NULL, and for a value that is no blob, which every reader of a blob refuses.
    func bytes(_ index: Int) -> [UInt8] { optionalBytes(index) ?? [] }

    func optionalBytes(_ index: Int) -> [UInt8]? {
        Data.fromDatabaseValue(self[index] as DatabaseValue).map { Array($0) }
    }

    /// A text as UTF-8.
    func textBytes(_ index: Int) -> [UInt8] { Array((self[index] as String? ?? "").utf8) }
}

extension [UInt8] {
    /// These bytes as SQLite takes a blob.
    var blob: Data { Data(self) }
}
