import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import VaultCore
import VaultRegistry

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Makes connections that are ready for a request, or says why there is none.
struct Dialer: Sendable {
    let eventLoop: any EventLoop
    let reach: Reach
    let tls: NIOSSLContext
    let limits: Limits

    func dial(_ destination: Destination) -> EventLoopFuture<Upstream> {
        guard destination.allowsPlain else { return dial(destination, plain: false) }
        // This machine itself, where the connector says that plain HTTP will do: TLS is tried first.
        return dial(destination, plain: false).flatMapError { error in
            switch error as? OutsideFault {
            case .notTLS, .handshake, .lost, .timedOut(_, _, connecting: true): dial(destination, plain: true)
            default: eventLoop.makeFailedFuture(error)
            }
        }
    }

    private func dial(_ destination: Destination, plain: Bool) -> EventLoopFuture<Upstream> {
        let place = reach.place(of: destination)
        let limit =
            destination.allowsPlain && !plain ? min(limits.connecting, .seconds(1)) : limits.connecting
        let upstream = Upstream(destination, on: eventLoop)
        let channel = ClientBootstrap(group: eventLoop).connectTimeout(limit)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try prepare(channel, upstream, plain: plain) }
            }
            .connect(host: place.host, port: place.port)
        let ready = channel.flatMap { _ in
            if plain { upstream.isReady() }
            return upstream.ready.futureResult
        }
        let timer = eventLoop.scheduleTask(in: limit) {
            upstream.fail(timeOut(destination, limit))
        }
        return ready.map { _ in upstream }.flatMapErrorThrowing { error in
            upstream.fail(.lost(host: destination.host))
            throw (error as? OutsideFault) ?? fault(of: error, destination, limit)
        }.always { _ in timer.cancel() }
    }

    private func prepare(_ channel: any Channel, _ upstream: Upstream, plain: Bool) throws {
        let pipeline = channel.pipeline.syncOperations
        if !plain {
            // An address stands in no SNI; NIOSSL then verifies the certificate against the address itself.
            let isAddress = Host.address(upstream.destination.host) != nil
            try pipeline.addHandler(
                NIOSSLClientHandler(
                    context: tls, serverHostname: isAddress ? nil : upstream.destination.host))
        }
        let secrets = SecretLines()
        upstream.secrets = secrets
        try pipeline.addHandler(secrets)
        var encoding = HTTPRequestEncoder.Configuration()
        encoding.automaticallySetFramingHeaders = false
        try pipeline.addHandler(HTTPRequestEncoder(configuration: encoding))
        try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)))
        try pipeline.addHandler(upstream)
    }

    private func timeOut(_ destination: Destination, _ limit: TimeAmount) -> OutsideFault {
        .timedOut(host: destination.host, seconds: limit.wholeSeconds, connecting: true)
    }

    private func fault(of error: any Error, _ destination: Destination, _ limit: TimeAmount) -> OutsideFault {
        switch error {
        case let error as NIOConnectionError:
            guard let last = error.connectionErrors.last else { return .unresolved(host: destination.host) }
            return fault(of: last.error, destination, limit)
        case let error as ChannelError:
            if case .connectTimeout = error { return timeOut(destination, limit) }
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
    var wholeSeconds: Int { Int((nanoseconds + 999_999_999) / 1_000_000_000) }
}

extension OutsideFault {
    /// What a failed handshake means, as far as the library tells; nil for what is no matter of TLS.
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
