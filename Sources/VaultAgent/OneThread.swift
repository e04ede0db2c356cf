import NIOPosix

/// A thread that runs one thing at a time, in the order that things were given to it.
///
/// The vault is its: what it does there waits for the disk and for Argon2id, which the threads of everybody must not;
/// and whoever asks is served in turn, since each connection has one question at a time.
final class OneThread: SerialExecutor, TaskExecutor {
    private let pool = NIOThreadPool(numberOfThreads: 1)

    init() { pool.start() }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let (serial, tasks) = unsafe (asUnownedSerialExecutor(), asUnownedTaskExecutor())
        pool.submit { _ in unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: tasks) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }
}
