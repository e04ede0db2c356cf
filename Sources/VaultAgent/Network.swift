/// The questions that take a network, and what answers each.
enum Network {
    static let questions: [Answers.Other] = []
}
