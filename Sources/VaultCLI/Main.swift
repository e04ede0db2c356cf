import ArgumentParser
import VaultMemory

/// The program `vault`: arguments in, text out.
///
/// Before anything else the process is hardened, and the arguments are searched for secrets, so that neither a crash
/// nor a message of the argument parser can repeat one.
@main
enum Main {
    static func main() {
        ProcessHardening.begin()
        let arguments = ProcessArguments.all
        let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
        if let failure = SecretArguments.check(arguments) { end(failure, json: isJSON) }
        do {
            let (own, child) = ExecCommand.split(arguments)
            if let command = PlainCommand(own, child: child) {
                try command.run()
            } else {
                var command = try VaultCommand.command(of: own)
                try command.run()
            }
        } catch let failure as Failure {
            end(failure, json: isJSON)
        } catch let error as TerminalError {
            end(error.failure, json: isJSON)
        } catch let error as OutputError {
            guard let failure = error.failure else { leave(.done) }
            end(failure, json: isJSON)
        } catch let status as ExitStatus {
            exit(status.code)
        } catch {
            end(parsing: error, arguments, json: isJSON)
        }
    }

    private static func end(_ failure: Failure, json: Bool) -> Never {
        // What was asked for is done, and what went wrong is only to be known.
        if failure.code == .done {
            for problem in failure.problems { ErrorReport.warn(problem.message) }
            leave(.done)
        }
        ErrorReport.write(failure, json: json)
        leave(failure.code)
    }

    /// Help and version are results; anything else that the parser says is a usage error.
    private static func end(parsing error: any Error, _ arguments: [String], json: Bool) -> Never {
        if VaultCommand.exitCode(for: error).isSuccess, Usage.asksForHelp(arguments) {
            let output = Output()
            do throws(OutputError) {
                try output.line(VaultCommand.fullMessage(for: error, columns: output.width))
                try output.flush()
            } catch {
                if let failure = error.failure { end(failure, json: json) }
            }
            leave(.done)
        }
        let message = Usage.asksForHelp(arguments) ? VaultCommand.message(for: error) : Usage.unknown
        end(Usage.failure(message, arguments), json: json)
    }

    private static func leave(_ code: ExitCode) -> Never { exit(code.rawValue) }
}

/// Ends the program with the status of something else: the child of `exec`, or "done, and something is due".
struct ExitStatus: Error {
    let code: Int32

    init(_ code: Int32) { self.code = code }
    init(_ code: ExitCode) { self.code = code.rawValue }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
