import VaultCore
import VaultMemory
import VaultRegistry

/// The environment variables for a child process that uses a proxy: those of its connections, with the proxy's address
/// in place of the host's and its token in place of every secret.
enum ProxyVariables {
    /// A variable that two connections define is left out, since it could lead to either. `PROXY_<NAME>_URL` and
    /// `PROXY_TOKEN` are always included.
    ///
    /// - Parameter addresses: The URL of each connection at the proxy.
    static func all(of uses: [OpenedConnection], at addresses: [String], _ token: SharedSecret)
        -> [ChildVariable]
    {
        let connections = Array(zip(uses, addresses))
        let all = connections.flatMap { use, address in variables(of: use, at: address, token) }
        let urls = connections.map { use, address in
            let segment = (address.split(separator: "/").last ?? "").uppercased()
            return ChildVariable(
                name: "PROXY_\(segment.replacing("-", with: "_"))_URL", pieces: [.text(address)],
                isFile: false, connection: use.connection)
        }
        let unique = Dictionary(grouping: all, by: \.name).values.filter { $0.count == 1 }.joined()
        let tokenVariable = ChildVariable(
            name: "PROXY_TOKEN", pieces: [.secret(token)], isFile: false, connection: "")
        return unique.sorted { $0.name < $1.name } + [tokenVariable] + urls
    }

    private static func variables(
        of use: OpenedConnection, at address: String, _ token: SharedSecret
    ) -> [ChildVariable] {
        use.connector.variables(for: use.settings).compactMap { variable in
            guard var pieces = variable.value.resolved(settings: use.settings) else { return nil }
            if variable.isAddress, case .text(let text)? = pieces.first {
                pieces[0] = .text(address + path(of: text))
            }
            let filled: [ChildVariable.Piece] = pieces.map { piece in
                if case .text(let text) = piece { .text(text) } else { .secret(token) }
            }
            return ChildVariable(
                name: variable.name, pieces: filled, isFile: variable.isFile, connection: use.connection)
        }
    }

    /// The path of a URL.
    private static func path(of text: String) -> String {
        guard let start = text.firstRange(of: "://")?.upperBound else { return "" }
        return String(text[start...].drop { $0 != "/" })
    }
}
