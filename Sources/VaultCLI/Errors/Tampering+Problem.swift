import VaultCore
import VaultLedger

extension Tampering {
    var problem: Failure.Problem { .init(message, next: next) }

    private var message: String {
        switch self {
        case .settingsChanged(let owner, let by, let at):
            "the settings of '\(owner)' were changed outside the vault; they were last signed by \(by) on \(at.text)"
        case .annotationsChanged(let owner, let by, let at):
            "the tags or the note of '\(owner)' were changed outside the vault; they were last signed by \(by) on \(at.text)"
        case .ownerUnsigned(let owner): "'\(owner)' was added outside the vault: no entry creates it"
        case .ownerMissing(let name, let seq):
            "'\(name)' (entry \(seq)) was removed from the file outside the vault"
        case .secretMissing(let owner, let field):
            "the secret \(field) of '\(owner)' was removed from the file"
        case .secretUnsigned(let owner, let field): "the secret \(field) of '\(owner)' was never signed"
        case .secretStale(let owner, let field, let found, let signed):
            "the secret \(field) of '\(owner)' is out of date: found version \(found), but version \(signed) is signed"
        case .secretRelabelled(let owner, let field, let version):
            "the label or the end of version \(version) of the secret \(field) of '\(owner)' differs from the ledger"
        case .secretMisdated(let owner, let field, let version):
            "the dates or the author of version \(version) of the secret \(field) of '\(owner)' differ from the ledger"
        case .secretEmptied(let owner, let field):
            "the seal of the secret \(field) of '\(owner)' was emptied or truncated"
        case .secretRetired(let owner, let field, let epoch):
            "the secret \(field) of '\(owner)' is sealed under epoch \(epoch), which is retired or never began"
        case .secretDoesNotOpen(let owner, let field):
            "the secret \(field) of '\(owner)' does not open: its seal was altered"
        case .secretExchanged(let owner, let field):
            "the secret \(field) of '\(owner)' was changed in the file: its sealed bytes differ from the signed ones"
        case .secretUncovered(let owner, let field):
            "the secret \(field) of '\(owner)' was never signed: it did not open when the other secrets were signed"
        case .digestList(let seq): "the digest list of entry \(seq) differs from the signed list"
        case .entryCutOut(let expected, let found):
            "entries were removed from the ledger: \(expected) were signed, \(found) are present"
        case .entryAltered(let seq): "entry \(seq) of the ledger differs from the signed entry"
        case .treeDamaged(let size): "the stored hashes do not match the ledger's \(size) entries"
        case .memberRow(let name): "the row of the member \(name) differs from the ledger"
        case .slotRow(let member): "a slot of \(member) was added outside the vault"
        case .slotMissing(let member): "a slot of \(member) was removed from the file"
        case .slotAltered(let member):
            "a slot of \(member) was changed outside the vault: its kind or its format"
        case .strayRow(let table, let number):
            "a row was added to the table \(table) outside the vault: number \(number)"
        case .searchIndex: "the search index does not match the connections: list --search may be wrong"
        case .epochRow(let epoch):
            "the row of epoch \(epoch) differs from the ledger: a rotation or its keys were forged"
        case .grantRow(let epoch): "the grants of epoch \(epoch) differ from the ledger"
        case .connectorRow(let name):
            "the connector '\(name)' differs from the file that was added to this vault"
        case .testRow(let owner): "the row of the newest test of '\(owner)' differs from the ledger"
        case .database(let detail): "the file is damaged: \(detail)"
        }
    }

    private var next: String {
        switch self {
        case .settingsChanged(let owner, _, _):
            "find out who changed the file; vault backup restore FILE --replace, or create it again after vault connection remove '\(owner)'"
        case .secretMissing(let owner, let field), .secretUnsigned(let owner, let field),
            .secretStale(let owner, let field, _, _), .secretEmptied(let owner, let field),
            .secretRetired(let owner, let field, _), .secretDoesNotOpen(let owner, let field),
            .secretRelabelled(let owner, let field, _), .secretMisdated(let owner, let field, _),
            .secretExchanged(let owner, let field), .secretUncovered(let owner, let field):
            "find out who changed the file; vault backup restore FILE --replace, or enter it again: vault secret set '\(owner)' \(field)"
        case .searchIndex: "vault doctor --repair, if nothing else is reported"
        case .annotationsChanged, .ownerUnsigned, .ownerMissing, .digestList, .entryCutOut, .entryAltered,
            .treeDamaged, .memberRow, .slotRow, .slotMissing, .slotAltered, .strayRow, .epochRow, .grantRow,
            .connectorRow, .testRow, .database:
            "find out who changed the file, and keep it for an investigation; vault backup restore FILE --replace"
        }
    }
}
