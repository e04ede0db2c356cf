import VaultCore
import VaultMemory

@testable import VaultWire

/// Frames of the agent: decoding does not depend on how the input is split, and encoding restores the input.
@Sendable func fuzzFrame(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let piece = input.number(upTo: 63) + 1
    let stream = input.all()
    let (whole, wholeFault) = frames(stream, by: stream.count + 1)
    let (pieces, pieceFault) = frames(stream, by: piece)
    expect(whole.map(written) == pieces.map(written), "frames depend on how the input is split")
    expect(wholeFault == pieceFault, "a fault depends on how the input is split")
    let all = whole.flatMap(written)
    expect(stream.starts(with: all), "a frame is encoded differently than it was decoded")
    for frame in whole { check(frame) }
}

private func frames(_ bytes: [UInt8], by count: Int) -> ([Frame], FrameError?) {
    var reader = FrameReader()
    var frames: [Frame] = []
    for start in stride(from: 0, to: bytes.count, by: count) {
        let piece = Array(bytes[start..<min(start + count, bytes.count)])
        do throws(FrameError) {
            var place = 0
            while place < piece.count {
                let (next, frame) = try take(&reader, piece, place)
                place = next
                if let frame { frames.append(frame) }
            }
        } catch {
            return (frames, error)
        }
    }
    return (frames, nil)
}

private func take(
    _ reader: inout FrameReader, _ bytes: [UInt8], _ start: Int
) throws(FrameError) -> (Int, Frame?) {
    var place = start
    var result: Result<Frame?, FrameError> = .success(nil)
    unsafe bytes.withUnsafeBytes { bytes in
        do throws(FrameError) { result = .success(try unsafe reader.take(bytes, from: &place)) } catch {
            result = .failure(error)
        }
    }
    return (place, try result.get())
}

private func written(_ frame: Frame) -> [UInt8] {
    var bytes: [UInt8] = []
    unsafe frame.write { unsafe bytes += Array($0) }
    return bytes
}

private func check(_ frame: Frame) {
    expect(frame.fits, "a frame was decoded that can't be encoded")
    switch frame.kind {
    case .hello: _ = try? frame.value(Hello.self)
    case .request:
        _ = try? frame.context()
        _ = try? frame.request(Unlock.self)
        _ = try? frame.request(SendRequest.self)
        _ = try? frame.request(CreateTestedConnection.self)
        _ = try? frame.request(StartProxy.self)
    case .answer:
        _ = try? frame.value(AgentStatus.self)
        _ = try? frame.value(GetAccessToken.Answer.self)
        if let status = try? frame.value(AgentStatus.self) {
            let again = try? Frame(.answer, status)
            expect(
                (try? again?.value(AgentStatus.self)) == status, "a status decodes differently after encoding"
            )
        }
    case .failure: _ = try? frame.value(VaultError.self)
    case .notice: _ = try? frame.value(Notice.self)
    case .chunk: _ = try? ResponseHeadChunk(frame.bytes)
    case .end, .cancel: break
    }
}
