import NIOPosix

/// Runs jobs one at a time on a dedicated thread, in the order in which they are enqueued.
///
/// The vault's work waits for the disk and for Argon2id, which must not block the shared threads. Clients are served in
/// turn, since each connection has one request at a time.
final class SingleThreadExecutor: SerialExecutor, TaskExecutor {
    private let pool = NIOThreadPool(numberOfThreads: 1)

    init() { pool.start() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let (serial, tasks) = unsafe (asUnownedSerialExecutor(), asUnownedTaskExecutor())
        pool.submit { _ in unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: tasks) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }
}
