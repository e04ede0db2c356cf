import VaultCore
import VaultMemory

@testable import VaultWire

/// Frames of the agent: read the same in whatever pieces they come, and written as they were read.
@Sendable func fuzzFrame(_ bytes: [UInt8]) {
    var input = Input(bytes)
    let piece = input.number(upTo: 63) + 1
    let stream = input.all()
    let (whole, wholeFault) = frames(stream, by: stream.count + 1)
    let (pieces, pieceFault) = frames(stream, by: piece)
    expect(whole.map(written) == pieces.map(written), "frames depend on the pieces in which they come")
    expect(wholeFault == pieceFault, "a fault depends on the pieces in which it comes")
    let all = whole.flatMap(written)
    expect(stream.starts(with: all), "a frame is written otherwise than it was read")
    for frame in whole { check(frame) }
}

private func frames(_ bytes: [UInt8], by count: Int) -> ([Frame], FrameFault?) {
    var reader = FrameReader()
    var frames: [Frame] = []
    for start in stride(from: 0, to: bytes.count, by: count) {
        let piece = Array(bytes[start..<min(start + count, bytes.count)])
        do throws(FrameFault) {
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
) throws(FrameFault) -> (Int, Frame?) {
    var place = start
    var result: Result<Frame?, FrameFault> = .success(nil)
    unsafe bytes.withUnsafeBytes { bytes in
        do throws(FrameFault) { result = .success(try unsafe reader.take(bytes, from: &place)) } catch {
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
    expect(frame.fits, "a frame was read that may not be written")
    switch frame.kind {
    case .hello: _ = try? frame.value(Hello.self)
    case .question:
        _ = try? frame.asking()
        _ = try? frame.question(Unlock.self)
        _ = try? frame.question(SendRequest.self)
        _ = try? frame.question(CreateTested.self)
        _ = try? frame.question(StartProxy.self)
    case .answer:
        _ = try? frame.value(AgentStatus.self)
        _ = try? frame.value(TakeToken.Answer.self)
        if let status = try? frame.value(AgentStatus.self) {
            let again = try? Frame(.answer, status)
            expect((try? again?.value(AgentStatus.self)) == status, "a status is read back otherwise")
        }
    case .failure: _ = try? frame.value(VaultError.self)
    case .notice: _ = try? frame.value(Notice.self)
    case .chunk: _ = try? RequestHead(frame.bytes)
    case .end, .cancel: break
    }
}
