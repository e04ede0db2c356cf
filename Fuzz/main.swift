// The program behind `make fuzz`: libFuzzer's driver with one of the targets.
//
//     vault-fuzz TARGET [libFuzzer's options] [CORPUS…]
//     vault-fuzz list
//
// A target is a function that takes bytes, and traps if a property does not hold. See `Targets`.

import Libc

private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: Arguments,
    _ target: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Called by the driver before it parses its options. Removes the name of the target from the arguments.
@_cdecl("LLVMFuzzerInitialize")
func initialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    let name = unsafe count.pointee > 1 ? String(cString: arguments.pointee[1]!) : ""
    guard let target = targets[name] else {
        for name in targets.keys.sorted() { print(name) }
        exit(name == "list" ? 0 : 64)
    }
    unsafe chosen = target
    unsafe count.pointee -= 1
    for place in unsafe 1..<Int(count.pointee) {
        unsafe arguments.pointee[place] = unsafe arguments.pointee[place + 1]
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe chosen(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}

// The driver's library has a main function too. Both do the same, so it doesn't matter which one the linker picks.
var count = CommandLine.argc
var arguments = unsafe CommandLine.unsafeArgv
exit(unsafe runDriver(&count, &arguments) { unsafe testOneInput($0, $1) })
