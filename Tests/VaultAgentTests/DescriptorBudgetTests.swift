import Testing

@testable import VaultAgent

@Suite struct DescriptorBudgetTests {
    @Test(
        "the parts never exceed the limit, and none is empty (case 107)",
        arguments: [128, 200, 256, 512, 1000, 1024, 2048, 4096, 65_536, 1 << 20, Int.max])
    func parts(limit: Int) {
        let budget = DescriptorBudget(limit: limit)
        #expect(budget.total <= limit)
        #expect(min(budget.clients, budget.unauthenticated) >= 4)
        #expect(min(budget.proxyClients, budget.idleUpstreams) >= 8)
    }

    @Test("a limit below the minimum counts as the minimum (case 107)")
    func low() { #expect(DescriptorBudget(limit: 3) == DescriptorBudget(limit: 128)) }
}
