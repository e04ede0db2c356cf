/// How a request authenticates.
public enum Authentication: Sendable, Equatable {
    /// The system needs no authentication, or does not speak HTTP.
    case none
    /// Each of these headers is sent.
    case headers([Header])
    /// HTTP basic authentication (RFC 7617) with a user name and a password.
    case basic(user: Template, password: Template)
    /// An OAuth 2.0 access token is sent.
    case oauth2(OAuth2)
}

/// A header of a request.
public struct Header: Sendable, Equatable {
    /// The name, without secrets.
    public let name: Template
    /// The value.
    public let value: Template
}

/// How a connection gets and sends an OAuth 2.0 access token.
public struct OAuth2: Sendable, Equatable {
    /// The key of the field that names the client.
    let clientField: String
    /// The key of the field with the scopes, or nil.
    public let scopesField: String?
    /// The endpoint that issues the token.
    public let endpoint: TokenEndpoint
    /// The header with the token, by default `Authorization: Bearer {access-token}`.
    public let header: Header
}

/// An endpoint that issues access tokens. It is reached over TLS only, at a host in the client's valid domain names.
public struct TokenEndpoint: Sendable, Equatable {
    /// An OAuth 2.0 grant.
    public enum Grant: Sendable, Equatable {
        /// Client credentials (RFC 6749, section 4.4).
        case clientCredentials
        /// A refresh token (RFC 6749, section 6) in a secret field.
        case refreshToken(field: String)
        /// An assertion (RFC 7523, section 2.1) signed with the private key in a secret field.
        case jwtBearer(keyField: String, issuer: Template, subject: Template, audience: Template)
    }

    /// How the client authenticates (RFC 6749, section 2.3.1).
    public enum Style: String, Sendable, Equatable, CaseIterable {
        /// With client ID and client secret as HTTP basic authentication.
        case basic
        /// With client ID and client secret as form parameters of the body.
        case body
    }

    /// The host, or nil for the host of the connection.
    let host: Template?
    /// The path.
    public let path: Template
    /// The grant that is requested.
    public let grant: Grant
    /// How the client authenticates.
    public let style: Style
}
