import CPlatform
/// Stands between a command and this process' output.
enum Relay {
    static func run(_ command: Command, masking secrets: [any LentBytes]) throws(ChildError) -> Int32 {
        var failure: Int32 = 0
        let pid = unsafe platform_start(&command.platform, &failure)
        guard pid > 0 else { throw command.error(call: "fork", code: failure) }
        return 0
    }
}
