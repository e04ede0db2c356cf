import CPlatform
import Libc
import VaultMemory

/// A started child and the descriptors of its output.
///
/// If stdin and stdout are a terminal and this process is in the foreground, the child gets a pseudo-terminal, also for
/// stderr if that is a terminal. Otherwise stdout and stderr are pipes, and stdin is inherited.
struct ChildStreams {
    let child: StartedChild
    private(set) var terminal: ChildTerminal?
    /// The descriptors to read, and the stream of this process to write to.
    private(set) var sources: [(source: OpenDescriptor, number: Int32)] = []

    init(_ command: ChildCommand, secrets: [SharedSecret]) throws(ChildError) {
        if let terminal = try ChildTerminal() {
            let slave = terminal.slave
            unsafe (command.platform.input, command.platform.output) = (slave.number, slave.number)
            unsafe command.platform.error = slave.number
            self.terminal = terminal
            sources = [(terminal.master, 1)]
            let error = unsafe isatty(2) == 0 ? try Self.pipe(to: 2, &command.platform.error, &sources) : nil
            let variables = unsafe Self.region(command.environment.bytes)
            child = unsafe try Self.lend(secrets[...], [variables]) { (regions) throws(ChildError) in
                unsafe try StartedChild(command, terminal: slave, regions: regions)
            }
            error?.close()
            slave.close()
        } else {
            let output = unsafe try Self.pipe(to: 1, &command.platform.output, &sources)
            let error = unsafe try Self.pipe(to: 2, &command.platform.error, &sources)
            child = try StartedChild(command)
            output.close()
            error.close()
        }
    }

    /// Makes a pipe for one of the child's streams.
    ///
    /// - Returns: The writing end, to be closed once the child has it.
    private static func pipe(
        to number: Int32, _ place: inout Int32, _ sources: inout [(source: OpenDescriptor, number: Int32)]
    ) throws(ChildError) -> OpenDescriptor {
        let (reading, writing) = try OpenDescriptor.pipe()
        place = writing.number
        sources.append((reading, number))
        return writing
    }

    /// Calls `body` with the memory regions of all secrets while they are lent.
    private static func lend(
        _ secrets: ArraySlice<SharedSecret>, _ regions: [platform_region],
        _ body: ([platform_region]) throws(ChildError) -> StartedChild
    ) throws(ChildError) -> StartedChild {
        guard let secret = secrets.first else { return unsafe try body(regions) }
        return unsafe try secret.bytes.withUnsafeBytes { bytes throws(ChildError) in
            let place = unsafe region(UnsafeMutableRawBufferPointer(mutating: bytes))
            return unsafe try lend(secrets.dropFirst(), regions + [place], body)
        }
    }

    private static func region(_ bytes: UnsafeMutableRawBufferPointer) -> platform_region {
        unsafe platform_region(start: bytes.baseAddress, count: bytes.count)
    }
}
