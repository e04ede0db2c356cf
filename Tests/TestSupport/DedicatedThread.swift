import Dispatch
public import Testing

/// Runs each test of a suite on a thread outside the cooperative pool, because it blocks on child processes.
///
/// The pool has only as many threads as the machine has cores. A few tests that block there for a minute starve the
/// servers of other tests until their peers time out.
public struct DedicatedThread: SuiteTrait, TestTrait, TestScoping {
    public var isRecursive: Bool { true }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(Executor()) { try await function() }
    }

    private final class Executor: TaskExecutor {
        private let queue = DispatchQueue(label: "vault.tests.dedicated-thread")

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }
}

extension Trait where Self == DedicatedThread {
    /// Runs each test on a thread outside the cooperative pool.
    public static var dedicatedThread: Self { Self() }
}
