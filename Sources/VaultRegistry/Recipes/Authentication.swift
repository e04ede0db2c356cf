/// How a request proves who it comes from.
public enum Authentication: Sendable, Equatable {
    /// The system needs nothing, or not over HTTP.
    case none
    /// Each of these headers.
    case headers([Header])
    /// HTTP basic, RFC 7617: the two templates are joined with ":" and encoded as base64.
    case basic(user: Template, password: Template)
    /// An access token from the client form's token endpoint, sent in `header`.
    case oauth2(OAuth2)
}

/// One header of a request.
public struct Header: Sendable, Equatable {
    public let name: Template
    public let value: Template
}

/// Where the parts of an OAuth 2.0 request are found.
public struct OAuth2: Sendable, Equatable {
    /// The field that names the client.
    public let clientField: String
    /// The field with the scopes, if any.
    public let scopesField: String?
    public let endpoint: TokenEndpoint
    /// How the token is then sent; by default `Authorization: Bearer {access-token}`.
    public let header: Header
}

/// Where access tokens come from. Always TLS, and only a host in the client's valid domain names.
public struct TokenEndpoint: Sendable, Equatable {
    public enum Grant: Sendable, Equatable {
        /// RFC 6749, section 4.4.
        case clientCredentials
        /// RFC 6749, section 6, with the secret field that holds the refresh token.
        case refreshToken(field: String)
        /// RFC 7523, section 2.1: an assertion signed with the private key of this secret field.
        case jwtBearer(keyField: String, issuer: Template, subject: Template, audience: Template)
    }

    /// How the client proves itself, RFC 6749, section 2.3.1.
    public enum Style: String, Sendable, Equatable, CaseIterable {
        /// Client ID and client secret as HTTP basic.
        case basic
        /// Both as form parameters of the body.
        case body
    }

    /// nil: the host of the connection.
    public let host: Template?
    public let path: Template
    public let grant: Grant
    public let style: Style
}
