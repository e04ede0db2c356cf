import VaultCore
import VaultMemory
import VaultRegistry

/// The variables of connections as a child of the proxy gets them: the proxy's address for the other side's, and its
/// token in the place of every secret.
enum ProxyVariables {
    /// - Parameter addresses: of each connection, at the proxy.
    ///
    /// A variable that two connections set is given to neither: it would lead to one of them by chance. `PROXY_<NAME>_URL`
    /// and `PROXY_TOKEN` are always there.
    static func all(of uses: [OpenedUse], at addresses: [String], _ token: SharedSecret) -> [ChildVariable] {
        var own: [String: [ChildVariable]] = [:]
        var named: [ChildVariable] = [
            ChildVariable(name: "PROXY_TOKEN", pieces: [.secret(token)], isFile: false, connection: "")
        ]
        for (use, address) in zip(uses, addresses) {
            for variable in variables(of: use, at: address, token) {
                own[variable.name, default: []].append(variable)
            }
            let segment = address.split(separator: "/").last ?? ""
            let name = "PROXY_" + segment.uppercased().replacing("-", with: "_") + "_URL"
            named.append(
                ChildVariable(name: name, pieces: [.text(address)], isFile: false, connection: use.connection)
            )
        }
        return own.keys.sorted().compactMap { own[$0]!.count == 1 ? own[$0]![0] : nil } + named
    }

    private static func variables(
        of use: OpenedUse, at address: String, _ token: SharedSecret
    ) -> [ChildVariable] {
        use.connector.variables(for: use.settings).compactMap { variable in
            guard var pieces = variable.value.resolved(settings: use.settings) else { return nil }
            if variable.isAddress, case .text(let text)? = pieces.first {
                pieces[0] = .text(address + rest(of: text))
            }
            let filled: [ChildVariable.Piece] = pieces.map { piece in
                if case .text(let text) = piece { .text(text) } else { .secret(token) }
            }
            return ChildVariable(
                name: variable.name, pieces: filled, isFile: variable.isFile, connection: use.connection)
        }
    }

    /// What stands behind host and port of an address.
    private static func rest(of text: String) -> String {
        guard let start = text.firstRange(of: "://")?.upperBound else { return "" }
        return String(text[start...].drop { $0 != "/" })
    }
}
