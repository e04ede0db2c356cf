// The table of actions in docs/format.md, section 7, as grammar rules.

extension Action {
    /// The rule for `change` in an entry of this action.
    ///
    /// The `switch` is exhaustive, so a new action doesn't compile without a rule.
    var changeRule: Rule {
        switch self {
        case .createVault: .object([.required("format", .format), .required("member", .member)])
        case .addMember: .object([.required("member", .member), .required("role", .role)])
        case .changeRole: .object([.required("role", .role)])
        case .removeMember, .removeConnector: .nothing
        case .addSlot:
            .object([
                .required("kind", .oneOf(["key-file", "passphrase", "recovery"])),
                .required("slot", .hex(16)),
                .optional("temporary", .flag),
            ])
        case .removeSlot, .useRecovery: .object([.required("slot", .hex(16))])
        case .beginEpoch:
            .object([
                .required("commitment", .hex(32)), .required("deposit_key", .hex(32)),
                .required("epoch", .number(from: 1)),
            ])
        case .retireEpoch: .object([.required("epoch", .number(from: 1)), .required("secrets", .number())])
        case .resealSecrets:
            .object([
                .required("epoch", .number(from: 1)), .required("list", .hex(32)),
                .required("secrets", .number(from: 1)),
            ])
        case .coverSecrets: .object([.required("list", .hex(32)), .required("secrets", .number())])
        case .addConnector: .object([.required("digest", .hex(32)), .required("title", .text)])
        case .createConnection, .createClient:
            .object([
                .required("connector", .key), .optional("expires", .expiries), .optional("from", .origin),
                .optional("note", .nonEmptyText),
                .optional("settings", .settings(.object([.required("new", .setting)]))),
                .required("state", .state), .optional("tags", .map(.nonEmptyText, .nonEmptyText)),
            ])
        case .editConnection, .editClient:
            .object([
                .optional("destroyed", .destroyed), .optional("expires", .expiries),
                .optional(
                    "name", .object([.required("new", .nonEmptyText), .required("old", .nonEmptyText)])),
                .optional("settings", .settings(.differing(.setting))), .required("state", .state),
            ])
        case .annotateConnection:
            .object([
                .optional("note", .object([.required("new", .text), .optional("old", .nonEmptyText)])),
                .optional(
                    "rotate_every",
                    .map(.key, .object([.optional("new", .period), .optional("old", .period)]))),
                .required("state", .state), .optional("tags", .map(.nonEmptyText, .differing(.nonEmptyText))),
            ])
        case .removeConnection, .removeClient:
            .object([
                .required("connector", .key),
                .optional("settings", .settings(.object([.required("old", .setting)]))),
                .required("state", .endState),
            ])
        case .setSecret, .verifySecret, .sealDeposit, .rollBackSecret, .destroySecret: secretRule
        case .startRotation, .testRotation, .finishRotation, .abortRotation: rotationRule
        case .execConnection, .exportConnection, .allowUses, .testConnection, .testedConnection,
            .requestConnection, .proxyConnection, .tokenOfConnection, .mintToken:
            useRule
        case .acceptLedger:
            .either(
                .object([
                    .required("seen_at", .time), .required("seen_root", .hex(32)),
                    .required("seen_size", .number(from: 1)),
                ]), .nothing)
        case .refused: .object([.required("what", .text), .required("why", .text)])
        }
    }

    private var secretRule: Rule {
        switch self {
        case .setSecret:
            .object([.optional("expires", .time), .required("field", .key), .required("state", .state)])
        case .verifySecret: .object([.required("field", .key)])
        case .sealDeposit:
            .object([.required("fields", .list(.key, atLeast: 1)), .required("state", .state)])
        case .rollBackSecret: .object([.required("fields", .list(.key)), .required("state", .state)])
        default:
            .object([.required("destroyed", .destroyed), .required("state", .state), .optional("why", .text)])
        }
    }

    private var rotationRule: Rule {
        let fields = Rule.list(.key, atLeast: 1)
        return switch self {
        case .startRotation:
            .object([
                .optional("destroyed", .destroyed), .optional("expires", .expiries),
                .required("fields", fields),
                .optional("program", .text), .required("state", .state),
            ])
        case .testRotation:
            .object([
                .required("outcome", .outcome), .required("state", .state),
                .required(
                    "tried", .list(.object([.required("connection", .text), .optional("failure", .text)]))),
            ])
        case .finishRotation:
            .object([
                .optional("destroyed", .destroyed), .required("fields", fields), .required("state", .state),
                .optional("untested", .flag),
            ])
        default: .object([.required("fields", fields), .required("state", .state)])
        }
    }

    private var useRule: Rule {
        let label = Rule.Member.optional("label", .exactly("pending"))
        let versions = Rule.Member.optional("versions", .map(.key, .number(from: 1)))
        return switch self {
        case .execConnection: .object([.required("program", .text), .required("variables", .list(.text))])
        case .exportConnection:
            .object([.optional("fields", .list(.key, atLeast: 1)), .required("to", .hex(32))])
        case .allowUses:
            .object([
                .optional("allow", .uses), .optional("paths", .list(.text, atLeast: 1)),
                .optional("rotate_with", .path), .required("state", .state),
            ])
        case .testedConnection:
            .object([
                label, .required("result", .outcome), .optional("status", .number()), versions,
                .optional("why", .text),
            ])
        case .requestConnection:
            .object([label, .required("method", .text), .required("path", .text), versions])
        case .proxyConnection:
            .object([
                .required("failed", .number()), label, .required("refused", .number()),
                .required("requests", .number()), versions,
            ])
        case .mintToken:
            .object([
                .required("connection", .text), .required("host", .text),
                .required("version", .number(from: 1)),
            ])
        default: .object([label, versions])
        }
    }
}

// Parts that several actions share.
extension Rule {
    fileprivate static let nothing = Rule.object([])
    /// 1, or 2 where every sealed byte is signed from the start.
    fileprivate static let format = Rule { $0.take(0x31) || $0.take(0x32) }
    fileprivate static let role = Rule.oneOf(Role.allCases.map(\.rawValue))
    fileprivate static let outcome = Rule.oneOf(["failed", "passed"])
    fileprivate static let expiries = Rule.map(.key, .time)

    /// The value of a setting: a string, or an array of strings.
    fileprivate static let setting = Rule.either(.text, .list(.text))

    fileprivate static let member = Rule.object([
        .required("id", .hex(16)), .required("name", .memberName), .required("receive_key", .hex(32)),
        .required("sign_key", .hex(32)),
    ])

    fileprivate static let origin = Rule.object([
        .required("exporter", .text), .required("sign_key", .hex(32)), .required("vault", .hex(32)),
    ])

    fileprivate static let destroyed = Rule.list(
        .object([
            .required("field", .key), .required("label", .oneOf(SecretLabel.allCases.map(\.rawValue))),
            .required("version", .number(from: 1)),
        ]), atLeast: 1)

    /// An old and a new value, at least one of them present.
    fileprivate static func differing(_ value: Rule) -> Rule {
        .object([.optional("new", value), .optional("old", value)], atLeast: 1)
    }

    fileprivate static func settings(_ values: Rule) -> Rule { .map(.key, values) }

    /// Uses of a connection, unique and in byte order.
    fileprivate static let uses: Rule = {
        let words = ["exec", "proxy", "request", "token"].map { Array($0.utf8) }
        return Rule { scanner in
            guard scanner.take(0x5b) else { return false }
            if scanner.take(0x5d) { return true }
            var next = words.startIndex
            repeat {
                guard let word = scanner.word(),
                    let index = words[next...].firstIndex(where: { scanner.isText(word, $0) })
                else { return false }
                next = index + 1
            } while scanner.take(0x2c)
            return scanner.take(0x5d)
        }
    }()

    /// The absolute path of a program.
    fileprivate static let path = Rule { scanner in
        guard let text = scanner.string() else { return false }
        return !text.isEmpty && scanner.bytes[text.lowerBound] == 0x2f
    }
}

// The object of an entry.
extension Action {
    /// The rule for `object` in an entry of this action. An ID is present if and only if the kind of object has IDs.
    var objectRule: Rule {
        // A connection that is tested before it is stored has no ID yet, and may have no name.
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
        case .connection, .client: object(of: kind, hasID: true, .nonEmptyText)
        }
    }

    fileprivate static func object(of kind: Entry.Object.Kind, hasID: Bool, _ name: Rule) -> Rule {
        let rest: [Member] = [.required("kind", .oneOf([kind.rawValue])), .required("name", name)]
        let whole = object(hasID ? [.required("id", .id)] + rest : rest)
        return Rule { scanner in
            (scanner.objectKind, scanner.objectID) = (kind, nil)
            return whole.accepts(&scanner)
        }
    }

    private static let id = Rule { scanner in
        guard scanner.take(0x22), let digits = scanner.hex(2 * Identifier.size), scanner.take(0x22) else {
            return false
        }
        scanner.objectID = digits
        return true
    }

    /// `epoch N`.
    fileprivate static let epochName: Rule = {
        let beginning = Array("\"epoch ".utf8)
        return Rule { scanner in
            guard scanner.take(beginning), let number = scanner.number() else { return false }
            return number > 0 && scanner.take(0x22)
        }
    }()
}
