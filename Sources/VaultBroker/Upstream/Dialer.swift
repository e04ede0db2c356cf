import Libc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import VaultCore
import VaultRegistry

/// Opens connections to hosts.
struct Dialer: Sendable {
    let eventLoop: any EventLoop
    let network: NetworkConfiguration
    let tls: NIOSSLContext
    let limits: Limits

    /// Opens a connection that is ready for a request; the future fails with an `OutsideFault`.
    func dial(_ destination: Destination) -> EventLoopFuture<UpstreamConnection> {
        guard destination.allowsPlain else { return dial(destination, plain: false) }
        // A loopback address for which the connector allows plain HTTP. TLS is tried first.
        return dial(destination, plain: false).flatMapError { error in
            switch error as? OutsideFault {
            case .notTLS, .handshake, .lost, .timedOut(_, _, connecting: true): dial(destination, plain: true)
            default: eventLoop.makeFailedFuture(error)
            }
        }
    }

    private func dial(_ destination: Destination, plain: Bool) -> EventLoopFuture<UpstreamConnection> {
        let address = network.address(of: destination)
        let timeout =
            destination.allowsPlain && !plain
            ? min(limits.connectTimeout, .seconds(1)) : limits.connectTimeout
        let upstream = UpstreamConnection(destination, on: eventLoop)
        let channel = ClientBootstrap(group: eventLoop).connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try prepare(channel, upstream, plain: plain) }
            }
            .connect(host: address.host, port: address.port)
        let ready = channel.flatMap { _ in
            if plain { upstream.ready.succeed() }
            return upstream.ready.futureResult
        }
        let timer = eventLoop.scheduleTask(in: timeout) {
            upstream.fail(timedOut(destination, timeout))
        }
        return ready.map { _ in upstream }.flatMapErrorThrowing { error in
            upstream.fail(.lost(host: destination.host))
            throw (error as? OutsideFault) ?? fault(of: error, destination, timeout)
        }.always { _ in timer.cancel() }
    }

    private func prepare(_ channel: any Channel, _ upstream: UpstreamConnection, plain: Bool) throws {
        let pipeline = channel.pipeline.syncOperations
        if !plain {
            // SNI has no IP addresses. Without a host name, NIOSSL verifies the certificate against the peer's address.
            let isAddress = Host.address(upstream.destination.host) != nil
            try pipeline.addHandler(
                NIOSSLClientHandler(
                    context: tls, serverHostname: isAddress ? nil : upstream.destination.host))
        }
        let authorization = AuthorizationHandler()
        upstream.authorization = authorization
        try pipeline.addHandler(authorization)
        var encoding = HTTPRequestEncoder.Configuration()
        encoding.automaticallySetFramingHeaders = false
        try pipeline.addHandler(HTTPRequestEncoder(configuration: encoding))
        try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)))
        try pipeline.addHandler(upstream)
    }

    private func timedOut(_ destination: Destination, _ timeout: TimeAmount) -> OutsideFault {
        .timedOut(host: destination.host, seconds: timeout.wholeSeconds, connecting: true)
    }

    private func fault(of error: any Error, _ destination: Destination, _ timeout: TimeAmount) -> OutsideFault
    {
        switch error {
        case let error as NIOConnectionError:
            guard let last = error.connectionErrors.last else { return .unresolved(host: destination.host) }
            return fault(of: last.error, destination, timeout)
        case let error as ChannelError:
            if case .connectTimeout = error { return timedOut(destination, timeout) }
            return .lost(host: destination.host)
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            return .refused(host: destination.host, port: destination.port)
        case is IOError: return .unreachable(host: destination.host, port: destination.port)
        case is SocketAddressError: return .unresolved(host: destination.host)
        default: return OutsideFault(tls: error, destination) ?? .lost(host: destination.host)
        }
    }
}

extension TimeAmount {
    /// The amount in seconds, rounded up.
    var wholeSeconds: Int { Int((nanoseconds + 999_999_999) / 1_000_000_000) }
}

extension OutsideFault {
    /// The fault for an error of the TLS library; nil for other errors.
    init?(tls error: any Error, _ destination: Destination) {
        let host = destination.host
        if let error = error as? NIOSSLExtraError {
            self =
                error == .failedToValidateHostname ? .foreignCertificate(host: host) : .handshake(host: host)
            return
        }
        switch error as? NIOSSLError {
        case .handshakeFailed(let reason)?:
            let text = "\(reason)"
            if text.contains("CERTIFICATE_VERIFY_FAILED") {
                self = .untrustedCertificate(host: host)
            } else if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
                self = .notTLS(host: host, port: destination.port)
            } else {
                self = .handshake(host: host)
            }
        case .unableToValidateCertificate?, .noCertificateToValidate?:
            self = .untrustedCertificate(host: host)
        case .uncleanShutdown?: self = .lost(host: host)
        case .some: self = .handshake(host: host)
        case nil:
            guard error is BoringSSLError else { return nil }
            self = .handshake(host: host)
        }
    }
}
