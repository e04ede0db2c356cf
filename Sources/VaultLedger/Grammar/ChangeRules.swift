// What each action may say in `change`, and of what: the table of docs/format.md, section 7, as rules.

extension Action {
    /// What `change` is in an entry of this action: exactly these keys.
    ///
    /// One exhaustive `switch`, so that a new action does not compile until its form is written down.
    var changeRule: Rule {
        switch self {
        case .createVault: .object([.needed("format", .format), .needed("member", .member)])
        case .addMember: .object([.needed("member", .member), .needed("role", .role)])
        case .changeRole: .object([.needed("role", .role)])
        case .removeMember, .removeConnector: .nothing
        case .addSlot:
            .object([
                .needed("kind", .word(["key-file", "passphrase", "recovery"])), .needed("slot", .hex(16)),
                .optional("temporary", .flag),
            ])
        case .removeSlot, .useRecovery: .object([.needed("slot", .hex(16))])
        case .beginEpoch:
            .object([
                .needed("commitment", .hex(32)), .needed("deposit_key", .hex(32)),
                .needed("epoch", .number(from: 1)),
            ])
        case .retireEpoch: .object([.needed("epoch", .number(from: 1)), .needed("secrets", .number())])
        case .resealSecrets:
            .object([
                .needed("epoch", .number(from: 1)), .needed("list", .hex(32)),
                .needed("secrets", .number(from: 1)),
            ])
        case .coverSecrets: .object([.needed("list", .hex(32)), .needed("secrets", .number())])
        case .addConnector: .object([.needed("digest", .hex(32)), .needed("title", .text)])
        case .createConnection, .createClient:
            .object([
                .needed("connector", .key), .optional("expires", .expiries), .optional("from", .origin),
                .optional("note", .someText),
                .optional("settings", .settings(.object([.needed("new", .setting)]))),
                .needed("state", .state), .optional("tags", .map(.someText, .someText)),
            ])
        case .editConnection, .editClient:
            .object([
                .optional("destroyed", .destroyed), .optional("expires", .expiries),
                .optional("name", .object([.needed("new", .someText), .needed("old", .someText)])),
                .optional("settings", .settings(.differing(.setting))), .needed("state", .state),
            ])
        case .annotateConnection:
            .object([
                .optional("note", .object([.needed("new", .text), .optional("old", .someText)])),
                .optional(
                    "rotate_every",
                    .map(.key, .object([.optional("new", .period), .optional("old", .period)]))),
                .needed("state", .state), .optional("tags", .map(.someText, .differing(.someText))),
            ])
        case .removeConnection, .removeClient:
            .object([
                .needed("connector", .key),
                .optional("settings", .settings(.object([.needed("old", .setting)]))),
                .needed("state", .endState),
            ])
        case .setSecret, .verifySecret, .sealDeposit, .rollBackSecret, .destroySecret: secretRule
        case .startRotation, .testRotation, .finishRotation, .abortRotation: rotationRule
        case .execConnection, .exportConnection, .allowUses, .testConnection, .testedConnection,
            .requestConnection, .proxyConnection, .tokenOfConnection, .mintToken:
            useRule
        case .acceptLedger:
            .either(
                .object([
                    .needed("seen_at", .time), .needed("seen_root", .hex(32)),
                    .needed("seen_size", .number(from: 1)),
                ]), .nothing)
        case .refused: .object([.needed("what", .text), .needed("why", .text)])
        }
    }

    private var secretRule: Rule {
        switch self {
        case .setSecret:
            .object([.optional("expires", .time), .needed("field", .key), .needed("state", .state)])
        case .verifySecret: .object([.needed("field", .key)])
        case .sealDeposit: .object([.needed("fields", .list(.key, atLeast: 1)), .needed("state", .state)])
        case .rollBackSecret: .object([.needed("fields", .list(.key)), .needed("state", .state)])
        default:
            .object([.needed("destroyed", .destroyed), .needed("state", .state), .optional("why", .text)])
        }
    }

    private var rotationRule: Rule {
        let fields = Rule.list(.key, atLeast: 1)
        return switch self {
        case .startRotation:
            .object([
                .optional("destroyed", .destroyed), .optional("expires", .expiries),
                .needed("fields", fields),
                .optional("program", .text), .needed("state", .state),
            ])
        case .testRotation:
            .object([
                .needed("outcome", .outcome), .needed("state", .state),
                .needed(
                    "tried", .list(.object([.needed("connection", .text), .optional("failure", .text)]))),
            ])
        case .finishRotation:
            .object([
                .optional("destroyed", .destroyed), .needed("fields", fields), .needed("state", .state),
                .optional("untested", .flag),
            ])
        default: .object([.needed("fields", fields), .needed("state", .state)])
        }
    }

    private var useRule: Rule {
        let label = Rule.Member.optional("label", .exactly("pending"))
        let versions = Rule.Member.optional("versions", .map(.key, .number(from: 1)))
        return switch self {
        case .execConnection: .object([.needed("program", .text), .needed("variables", .list(.text))])
        case .exportConnection:
            .object([.optional("fields", .list(.key, atLeast: 1)), .needed("to", .hex(32))])
        case .allowUses:
            .object([
                .optional("allow", .uses), .optional("paths", .list(.text, atLeast: 1)),
                .optional("rotate_with", .path), .needed("state", .state),
            ])
        case .testedConnection:
            .object([
                label, .needed("result", .outcome), .optional("status", .number()), versions,
                .optional("why", .text),
            ])
        case .requestConnection:
            .object([label, .needed("method", .text), .needed("path", .text), versions])
        case .proxyConnection:
            .object([
                .needed("failed", .number()), label, .needed("refused", .number()),
                .needed("requests", .number()), versions,
            ])
        case .mintToken:
            .object([
                .needed("connection", .text), .needed("host", .text), .needed("version", .number(from: 1)),
            ])
        default: .object([label, versions])
        }
    }
}

// Parts that several actions have.
extension Rule {
    fileprivate static let nothing = Rule.object([])
    /// 1, or 2 where every sealed byte is signed from the beginning.
    fileprivate static let format = Rule { $0.take(0x31) || $0.take(0x32) }
    fileprivate static let role = Rule.word(Role.allCases.map(\.rawValue))
    fileprivate static let outcome = Rule.word(["failed", "passed"])
    fileprivate static let expiries = Rule.map(.key, .time)

    /// The value of a setting: a string, or an array of strings.
    fileprivate static let setting = Rule.either(.text, .list(.text))

    fileprivate static let member = Rule.object([
        .needed("id", .hex(16)), .needed("name", .memberName), .needed("receive_key", .hex(32)),
        .needed("sign_key", .hex(32)),
    ])

    fileprivate static let origin = Rule.object([
        .needed("exporter", .text), .needed("sign_key", .hex(32)), .needed("vault", .hex(32)),
    ])

    fileprivate static let destroyed = Rule.list(
        .object([
            .needed("field", .key), .needed("label", .word(SecretLabel.allCases.map(\.rawValue))),
            .needed("version", .number(from: 1)),
        ]), atLeast: 1)

    /// An old and a new value, of which one may be absent.
    fileprivate static func differing(_ value: Rule) -> Rule {
        .object([.optional("new", value), .optional("old", value)], atLeast: 1)
    }

    fileprivate static func settings(_ values: Rule) -> Rule { .map(.key, values) }

    /// Ways to use a connection, in byte order, none twice.
    fileprivate static let uses: Rule = {
        let words = ["exec", "proxy", "request", "token"].map { Array($0.utf8) }
        return Rule { scan in
            guard scan.take(0x5b) else { return false }
            if scan.take(0x5d) { return true }
            var next = words.startIndex
            repeat {
                guard let word = scan.word(),
                    let index = words[next...].firstIndex(where: { scan.isText(word, $0) })
                else { return false }
                next = index + 1
            } while scan.take(0x2c)
            return scan.take(0x5d)
        }
    }()

    /// The absolute path of a program.
    fileprivate static let path = Rule { scan in
        guard let text = scan.string() else { return false }
        return !text.isEmpty && scan.bytes[text.lowerBound] == 0x2f
    }
}

// What an entry is about.
extension Action {
    /// What `object` is in an entry of this action: something that it can be done to. A kind that has ids has one, and
    /// no other has.
    var objectRule: Rule {
        // A connection that is tested before it is stored has no id yet, and may have no name.
        if self == .refused {
            return .either(
                .object(of: .vault, hasID: false, .text),
                .either(
                    .object(of: .connection, hasID: true, .text),
                    .object(of: .connection, hasID: false, .text)))
        }
        let rules = objects.map(Rule.object)
        return rules.dropFirst().reduce(rules[0], Rule.either)
    }
}

extension Rule {
    fileprivate static func object(of kind: Entry.Object.Kind) -> Rule {
        switch kind {
        case .vault: object(of: kind, hasID: false, .exactly("vault"))
        case .member: object(of: kind, hasID: true, .memberName)
        case .key: object(of: kind, hasID: false, .epochName)
        case .connector: object(of: kind, hasID: false, .key)
        case .connection, .client: object(of: kind, hasID: true, .someText)
        }
    }

    fileprivate static func object(of kind: Entry.Object.Kind, hasID: Bool, _ name: Rule) -> Rule {
        let rest: [Member] = [.needed("kind", .word([kind.rawValue])), .needed("name", name)]
        let whole = object(hasID ? [.needed("id", .id)] + rest : rest)
        return Rule { scan in
            (scan.kind, scan.id) = (kind, nil)
            return whole.accepts(&scan)
        }
    }

    private static let id = Rule { scan in
        guard scan.take(0x22), let digits = scan.hex(2 * Identifier.size), scan.take(0x22) else {
            return false
        }
        scan.id = digits
        return true
    }

    /// `epoch N`.
    fileprivate static let epochName: Rule = {
        let beginning = Array("\"epoch ".utf8)
        return Rule { scan in
            guard scan.take(beginning), let number = scan.count() else { return false }
            return number > 0 && scan.take(0x22)
        }
    }()
}
