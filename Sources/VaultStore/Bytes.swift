import Foundation
import GRDB

extension Row {
    /// A column's bytes, text or blob; empty for NULL.
    func bytes(_ index: Int) -> [UInt8] {
        (try? withUnsafeData(atIndex: index) { data in data.map { Array($0) } ?? [] }) ?? []
    }

    func optionalBytes(_ index: Int) -> [UInt8]? {
        hasNull(atIndex: index) ? nil : bytes(index)
    }
}

extension [UInt8] {
    /// These bytes as SQLite takes a blob.
    var blob: Data { Data(self) }
}
