import ArgumentParser
import Libc
import VaultMemory

/// The program `vault`.
///
/// It hardens the process and searches the arguments for secrets before it parses them, so that neither a crash nor an
/// error message of the argument parser can repeat one.
@main
enum Main {
    static func main() {
        ProcessHardening.apply()
        let arguments = ProcessArguments.all
        let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
        if let failure = SecretSource.failure(in: arguments) { end(failure, json: isJSON) }
        do {
            let (own, child) = ExecCommand.split(arguments)
            if let command = PlainCommand(own, child: child) {
                try command.run()
            } else {
                var command = try VaultCommand.command(of: own)
                try command.run()
            }
        } catch let error as any ReportableError {
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
        // The change is done; only its confirmation is missing.
        if failure.code == .done {
            for problem in failure.problems { ErrorReport.warn(problem.message) }
            leave(.done)
        }
        ErrorReport.write(failure, json: json)
        leave(failure.code)
    }

    /// Prints help and the version as results; any other outcome of the parser is a usage error.
    private static func end(parsing error: any Error, _ arguments: [String], json: Bool) -> Never {
        if VaultCommand.exitCode(for: error).isSuccess, ParserErrors.asksForHelp(arguments) {
            let output = Output()
            do throws(OutputError) {
                try output.line(VaultCommand.helpText(for: error, arguments, columns: output.width))
                try output.flush()
            } catch {
                if let failure = error.failure { end(failure, json: json) }
            }
            leave(.done)
        }
        let message =
            ParserErrors.asksForHelp(arguments) ? VaultCommand.message(for: error) : ParserErrors.unknown
        end(ParserErrors.failure(message, arguments), json: json)
    }

    private static func leave(_ code: ExitCode) -> Never { exit(code.rawValue) }
}

/// Ends the program without an error message: with the status of the child of `exec`, or with a code that is a result.
struct ExitStatus: Error {
    let code: Int32

    init(_ code: Int32) { self.code = code }
    init(_ code: ExitCode) { self.code = code.rawValue }
}
