import Foundation
import NIOHTTP1

/// A response of the fake.
struct Reply {
    var status: Int
    var body = ""
    var headers: [(String, String)] = [("content-type", "application/json")]
    var isChunked = false
    /// Closes the connection in the middle of the body.
    var isCut = false
    /// Never ends the body.
    var isEndless = false
}

extension Celonis.State {
    /// The response to a request; nil for none at all.
    mutating func reply(to head: HTTPRequestHead, _ body: String, received: Int) -> Reply? {
        let path = String(head.uri.prefix { $0 != "?" })
        if path == "/oauth2/token" { return token(head, body) }
        if path.hasPrefix("/test/") { return testReply(path, head, body) }
        if let refusal = refusal(head) { return refusal }
        if path.hasPrefix("/integration/api/v1/data-push/") { return push(path, head, received) }
        if path == "/intelligence/api/knowledge-models" {
            return Reply(status: 200, body: #"{"content":[{"id":"km-1","name":"Orders"}],"totalCount":1}"#)
        }
        return Reply(status: 404, body: #"{"error":"Not Found"}"#)
    }

    private func refusal(_ head: HTTPRequestHead) -> Reply? {
        guard let value = head.headers.first(name: "authorization") else {
            return Reply(status: 401, body: #"{"error":"Unauthorized"}"#)
        }
        let parts = value.split(separator: " ", maxSplits: 1).map { String($0) }
        guard parts.count == 2, ["AppKey", "Bearer"].contains(parts[0]) else {
            return Reply(
                status: 401, body: #"The Authorization header must start with "Bearer " or "AppKey "."#,
                headers: [("content-type", "text/plain")])
        }
        let key = parts[1]
        if disabled.contains(key) { return Reply(status: 403) }
        if powerless.contains(key) {
            return Reply(
                status: 403,
                body:
                    #"{"title":"Access Denied.","status":403,"detail":"Access is denied","errorCode":"ADMIN_ACCESS_ERROR"}"#
            )
        }
        if limited.contains(key) {
            return Reply(
                status: 429, body: #"{"errorCode":"LIMIT_RATE_EXCEEDED"}"#,
                headers: [
                    ("content-type", "application/json"), ("x-ratelimit-limit", "20"),
                    ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "17"),
                ])
        }
        let known =
            parts[0] == "AppKey" ? appKeys.contains(key) : apiKeys.contains(key) || tokens.contains(key)
        return known ? nil : Reply(status: 401, body: #"{"error":"Unauthorized"}"#)
    }

    private func push(_ path: String, _ head: HTTPRequestHead, _ received: Int) -> Reply {
        let parts = path.split(separator: "/")
        guard parts.count >= 6, pools.contains(String(parts[4])) else { return Reply(status: 404) }
        if head.method == .GET { return Reply(status: 200, body: "[]") }
        return Reply(status: 200, body: #"{"received":\#(received)}"#)
    }

    /// The token endpoint: RFC 6749, section 4.4, with the client's credentials in HTTP Basic or in the body.
    private mutating func token(_ head: HTTPRequestHead, _ body: String) -> Reply? {
        switch tokenMode {
        case .silent: return nil
        case .huge: return Reply(status: 200, body: String(repeating: "x", count: 1 << 20))
        case .notJSON:
            return Reply(status: 200, body: "<html>sign in</html>", headers: [("content-type", "text/html")])
        case .errorWith200: return Reply(status: 200, body: #"{"error":"invalid_client"}"#)
        case .otherKind: return Reply(status: 200, body: #"{"access_token":"x","token_type":"mac"}"#)
        case .noToken: return Reply(status: 200, body: #"{"token_type":"Bearer"}"#)
        case .normal: break
        }
        let form = Self.form(body)
        let pair = Self.basic(head) ?? (form["client_id"] ?? "", form["client_secret"] ?? "")
        guard head.method == .POST, form["grant_type"] == "client_credentials" else {
            return Reply(status: 400, body: #"{"error":"unsupported_grant_type"}"#)
        }
        guard clients[pair.0] == pair.1 else {
            return Reply(status: 401, body: #"{"error":"invalid_client"}"#)
        }
        minted += 1
        let token = "token-\(minted)-\(UUID().uuidString)"
        tokens.insert(token)
        let scope = form["scope"] ?? ""
        return Reply(
            status: 200,
            body:
                #"{"access_token":"\#(token)","scope":"\#(scope)","token_type":"Bearer","expires_in":\#(tokenLife)}"#
        )
    }

    private static func basic(_ head: HTTPRequestHead) -> (String, String)? {
        guard let value = head.headers.first(name: "authorization"), value.hasPrefix("Basic "),
            let data = Data(base64Encoded: String(value.dropFirst(6)))
        else { return nil }
        let parts = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return (decoded(parts[0]), decoded(parts[1]))
    }

    private static func form(_ body: String) -> [String: String] {
        var form: [String: String] = [:]
        for pair in body.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { form[decoded(parts[0])] = decoded(parts[1]) }
        }
        return form
    }

    private static func decoded(_ text: Substring) -> String {
        text.replacing("+", with: " ").removingPercentEncoding ?? ""
    }

    /// Misbehavior that a server is capable of, by path. Where possible, a response repeats the Authorization header.
    private mutating func testReply(_ path: String, _ head: HTTPRequestHead, _ body: String) -> Reply? {
        let authorization = head.headers.first(name: "authorization") ?? ""
        switch path {
        case "/test/echo":
            let lines = head.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
            return Reply(status: 200, body: "\(head.method) \(head.uri)\n\(lines)\n\n\(body)", headers: [])
        case "/test/echo-chunked":
            return Reply(
                status: 200, body: "before \(authorization) after",
                headers: [("x-echo", authorization), ("transfer-encoding", "chunked")],
                isChunked: true)
        case "/test/echo-base64":
            return Reply(status: 500, body: Data(authorization.utf8).base64EncodedString(), headers: [])
        case "/test/redirect":
            return Reply(status: 302, headers: [("location", "https://evil.example/steal")])
        case "/test/silent": return nil
        case "/test/new-app-key":
            // For the tests alone: in Celonis, an administrator creates App keys in the browser.
            if let refusal = refusal(head) { return refusal }
            guard head.method == .POST else { return Reply(status: 405) }
            made += 1
            let key = "made-app-key-\(made)"
            appKeys.insert(key)
            return Reply(status: 201, body: #"{"key":"\#(key)"}"#)
        case "/test/cut":
            return Reply(status: 200, headers: [("content-length", "1000")], isChunked: true, isCut: true)
        case "/test/endless":
            return Reply(
                status: 200, body: "before \(authorization) after",
                headers: [("transfer-encoding", "chunked")],
                isChunked: true, isEndless: true)
        case "/test/encoded": return Reply(status: 200, body: "zzz", headers: [("content-encoding", "gzip")])
        case "/test/large":
            return Reply(status: 200, body: String(repeating: "0123456789abcdef", count: 65_536), headers: [])
        default: return Reply(status: 404)
        }
    }
}
