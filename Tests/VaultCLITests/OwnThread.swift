import Dispatch
import Testing

/// Runs each test of a suite on a thread of its own, since it waits for processes.
///
/// The threads of everybody else's tests are as many as there are processors: some tests that wait a minute on them hold
/// up every server of another test, until its peer calls it silent.
struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(Thread()) { try await function() }
    }

    private final class Thread: TaskExecutor {
        private let queue = DispatchQueue(label: "a test that waits")

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }
}

extension Trait where Self == OwnThread {
    static var ownThread: Self { Self() }
}
