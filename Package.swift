// swift-tools-version: 6.2
import PackageDescription

/// The strictest language mode; warnings are errors.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The tests look at a vault's file with other eyes than the program's.
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

func nio(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio") }
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "vault",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "vault", targets: ["VaultCLI"]),
        .executable(name: "vault-agent", targets: ["VaultAgent"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CSodium", pkgConfig: "libsodium",
            providers: [.apt(["libsodium-dev"]), .brew(["libsodium"])]),
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite3"])]),
        .systemLibrary(
            name: "CYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
        .target(name: "CPlatform"),
        .target(name: "Libc", swiftSettings: strict),
        .target(name: "CSQLiteVFS", dependencies: ["CSQLite"]),

        .target(name: "VaultText", swiftSettings: strict),
        .target(
            name: "VaultMemory", dependencies: ["VaultText", "Libc", "CSodium", "CPlatform"],
            swiftSettings: strict),
        .target(
            name: "VaultCrypto",
            dependencies: [
                "VaultText", "Libc", "CSodium", "VaultMemory",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(name: "VaultLedger", dependencies: ["VaultCrypto", "VaultText"], swiftSettings: strict),
        .target(
            name: "VaultRegistry", dependencies: ["CYAML", "Connectors", "VaultText"], swiftSettings: strict),
        .target(
            name: "VaultStore",
            dependencies: ["Libc", "CPlatform", "CSQLite", "CSQLiteVFS", "Migrations", "VaultText"],
            swiftSettings: strict),
        .target(
            name: "VaultCore",
            dependencies: [
                "VaultText", "Libc", "CPlatform", "VaultMemory", "VaultCrypto", "VaultLedger",
                "VaultRegistry",
                "VaultStore",
            ],
            swiftSettings: strict),
        .target(
            name: "VaultMasking", dependencies: ["VaultText", "Libc", "VaultMemory", "CPlatform"],
            swiftSettings: strict),
        .target(
            name: "VaultWire",
            dependencies: [
                "VaultText", "Libc", "VaultCore", "VaultLedger", "VaultMemory", "VaultRegistry", "CPlatform",
            ],
            swiftSettings: strict),
        .target(
            name: "VaultBroker",
            dependencies: [
                "VaultText", "Libc", "VaultCore", "VaultLedger", "VaultMasking", "VaultMemory",
                "VaultRegistry",
                nio("NIOCore"),
                nio("NIOConcurrencyHelpers"), nio("NIOPosix"), nio("NIOHTTP1"), nio("NIOTLS"), nioSSL,
            ], swiftSettings: strict),
        .executableTarget(
            name: "VaultCLI",
            dependencies: [
                "VaultText", "Libc", "VaultWire", "VaultCore", "VaultLedger", "VaultMasking", "VaultMemory",
                "VaultRegistry",
                "CPlatform",
                argumentParser,
            ], swiftSettings: strict),
        .executableTarget(
            name: "VaultAgent",
            dependencies: [
                "VaultText", "Libc", "VaultBroker", "VaultWire", "VaultCore", "VaultLedger", "VaultMemory",
                "VaultRegistry",
                "CPlatform", argumentParser, log, nio("NIOCore"), nio("NIOPosix"),
            ], swiftSettings: strict),

        .target(
            name: "Migrations", path: "migrations",
            resources: [
                .embedInCode("m0001_create_vault.sql"), .embedInCode("m0002_find_deposits.sql"),
                .embedInCode("m0003_rotate_credentials.sql"),
                .embedInCode("m0004_keep_tests.sql"), .embedInCode("m0005_count_entries.sql"),
                .embedInCode("m0006_keep_digest_lists.sql"),
                .embedInCode("schema.sql"),
            ],
            swiftSettings: strict),
        .target(
            name: "Connectors", path: "connectors",
            resources: [
                .embedInCode("celonis.yaml"), .embedInCode("http.yaml"), .embedInCode("postgresql.yaml"),
                .embedInCode("servicenow.yaml"),
            ], swiftSettings: strict),

        .executableTarget(
            name: "vault-bench",
            dependencies: ["VaultText", "Libc", "VaultCore", "VaultLedger", "VaultMemory"],
            path: "Benchmarks/vault-bench",
            swiftSettings: strict),
        .executableTarget(
            name: "long-ledger",
            dependencies: [
                "VaultText", "VaultCore", "VaultCrypto", "VaultLedger", "VaultMemory", "VaultStore",
            ],
            path: "Benchmarks/long-ledger",
            swiftSettings: strict),

        .target(
            name: "TestSupport",
            dependencies: ["VaultText", "VaultCore", "VaultCrypto", "VaultLedger", "VaultMemory"],
            path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "VaultCryptoTests",
            dependencies: [
                "VaultText", "Libc", "TestSupport", "VaultCrypto", "VaultMemory", "CSodium",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "VaultLedgerTests",
            dependencies: ["VaultText", "TestSupport", "VaultLedger", "VaultCrypto"],
            swiftSettings: strict),
        .testTarget(
            name: "VaultRegistryTests", dependencies: ["VaultText", "TestSupport", "VaultRegistry"],
            swiftSettings: strict),
        .testTarget(
            name: "VaultStoreTests",
            dependencies: ["VaultText", "Libc", "TestSupport", "VaultStore", "CSQLite", grdb],
            swiftSettings: strict),
        .testTarget(
            name: "VaultCoreTests",
            dependencies: [
                "VaultText", "Libc", "TestSupport", "VaultCore", "VaultCrypto", "VaultLedger", "VaultMemory",
                "VaultRegistry",
                "VaultStore", grdb,
            ],
            exclude: ["Python"], swiftSettings: strict),
        .target(
            name: "StandIn",
            dependencies: [
                nio("NIOConcurrencyHelpers"), nio("NIOCore"), nio("NIOHTTP1"), nio("NIOPosix"), nioSSL,
            ], path: "Tests/StandIn", swiftSettings: strict),
        .executableTarget(
            name: "celonis-stand-in", dependencies: ["StandIn"], path: "Tests/StandInProgram",
            swiftSettings: strict),
        .testTarget(
            name: "VaultBrokerTests",
            dependencies: [
                "VaultText", "TestSupport", "VaultBroker", "VaultCore", "VaultCrypto", "VaultLedger",
                "VaultMasking",
                "VaultMemory",
                "VaultRegistry", "StandIn", nio("NIOCore"), nio("NIOHTTP1"), nio("NIOPosix"),
            ], exclude: ["Python"], swiftSettings: strict),
        .testTarget(
            name: "VaultWireTests",
            dependencies: [
                "VaultText", "TestSupport", "VaultWire", "VaultCore", "VaultLedger", "VaultMemory",
                "VaultRegistry",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "VaultAgentTests",
            dependencies: [
                "CPlatform", "Libc", "TestSupport", "VaultAgent", "VaultCore", "VaultLedger", "VaultWire",
                nio("NIOCore"), nio("NIOEmbedded"),
            ], swiftSettings: strict),
        .testTarget(
            name: "VaultCLITests",
            dependencies: [
                "VaultText", "Libc", "TestSupport", "VaultCLI", "VaultAgent", "VaultWire", "VaultCore",
                "VaultLedger",
                "VaultMasking",
                "VaultMemory", "VaultRegistry",
                "StandIn", "CPlatform",
            ],
            resources: [.copy("Transcripts")], swiftSettings: strict),
    ]
)

// `make fuzz` builds everything with instrumentation (scripts/fuzz.sh); no other build has the target.
if Context.environment["VAULT_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "vault-fuzz",
            dependencies: [
                "VaultText", "Libc", "VaultBroker", "VaultCore", "VaultCrypto", "VaultLedger", "VaultMasking",
                "VaultMemory", "VaultRegistry", "VaultWire", nio("NIOCore"), nio("NIOEmbedded"),
                nio("NIOHTTP1"),
            ], path: "Fuzz", exclude: ["Corpus", "README.md", "seed.sh"], swiftSettings: strict))
}
