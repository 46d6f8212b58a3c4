internal import Glibc

/// The functions of OpenMPI that are used here, found in its library at run time.
///
/// A binary that needs MPI to start would be of no use to all who train on one machine; so the
/// library is opened only where processes were started by it. Names and types are those of the C
/// binding (MPI 3.1, annex A.2); that handles are pointers to objects with such names is OpenMPI's
/// own, unchanged in `libmpi.so.40` (OpenMPI 3 to 5).
struct MPILibrary: @unchecked Sendable {
  typealias Handle = OpaquePointer
  typealias Bytes = UnsafeMutableRawPointer
  typealias Numbers = UnsafePointer<Int32>
  typealias Message =
    @convention(c) (
      Bytes, Int32, Handle, Int32, Int32, Handle, UnsafeMutablePointer<Handle?>
    ) -> Int32

  let initialize:
    @convention(c) (
      UnsafeMutablePointer<Int32>?, Bytes?, Int32, UnsafeMutablePointer<Int32>
    ) -> Int32
  let finalize: @convention(c) () -> Int32
  let abort: @convention(c) (Handle, Int32) -> Int32
  let rank: @convention(c) (Handle, UnsafeMutablePointer<Int32>) -> Int32
  let size: @convention(c) (Handle, UnsafeMutablePointer<Int32>) -> Int32
  let processorName:
    @convention(c) (UnsafeMutablePointer<CChar>, UnsafeMutablePointer<Int32>) -> Int32
  let setErrorHandler: @convention(c) (Handle, Handle) -> Int32
  let errorString:
    @convention(c) (Int32, UnsafeMutablePointer<CChar>, UnsafeMutablePointer<Int32>) -> Int32
  let send, receive: Message
  let test:
    @convention(c) (
      UnsafeMutablePointer<Handle?>, UnsafeMutablePointer<Int32>, Bytes?
    ) -> Int32
  let broadcast:
    @convention(c) (
      Bytes, Int32, Handle, Int32, Handle, UnsafeMutablePointer<Handle?>
    ) -> Int32
  let allGather:
    @convention(c) (
      Bytes, Int32, Handle, Bytes, Numbers, Numbers, Handle, Handle, UnsafeMutablePointer<Handle?>
    ) -> Int32
  let allToAll:
    @convention(c) (
      Bytes, Numbers, Numbers, Handle, Bytes, Numbers, Numbers, Handle, Handle,
      UnsafeMutablePointer<Handle?>
    ) -> Int32

  /// All processes, `MPI_COMM_WORLD`.
  let world: Handle
  /// `MPI_BYTE`.
  let byte: Handle
  /// `MPI_FLOAT`.
  let float: Handle
  private let errorsReturn: Handle

  /// Opens the library.
  ///
  /// - Throws: ``RankError`` if it is not there or another one than OpenMPI's.
  init() throws {
    // Its plug-ins look for its names among those of the process.
    guard
      let library = dlopen("libmpi.so.40", RTLD_NOW | RTLD_GLOBAL)
        ?? dlopen("libmpi.so", RTLD_NOW | RTLD_GLOBAL)
    else {
      let reason = dlerror().map { String(cString: $0) } ?? "unknown reason"
      throw RankError(
        "cannot open OpenMPI (\(reason)); install it on every node: apt-get install openmpi-bin")
    }
    func found(_ name: String) throws -> UnsafeMutableRawPointer {
      guard let symbol = dlsym(library, name) else {
        throw RankError(
          "the MPI library that was found is not OpenMPI (there is no \(name) in it); install it on "
            + "every node: apt-get install openmpi-bin")
      }
      return symbol
    }
    func function<Function>(_ name: String) throws -> Function {
      unsafeBitCast(try found(name), to: Function.self)
    }
    func handle(_ name: String) throws -> Handle { Handle(try found(name)) }
    world = try handle("ompi_mpi_comm_world")
    byte = try handle("ompi_mpi_byte")
    float = try handle("ompi_mpi_float")
    errorsReturn = try handle("ompi_mpi_errors_return")
    initialize = try function("MPI_Init_thread")
    finalize = try function("MPI_Finalize")
    abort = try function("MPI_Abort")
    rank = try function("MPI_Comm_rank")
    size = try function("MPI_Comm_size")
    processorName = try function("MPI_Get_processor_name")
    setErrorHandler = try function("MPI_Comm_set_errhandler")
    errorString = try function("MPI_Error_string")
    send = try function("MPI_Isend")
    receive = try function("MPI_Irecv")
    test = try function("MPI_Test")
    broadcast = try function("MPI_Ibcast")
    allGather = try function("MPI_Iallgatherv")
    allToAll = try function("MPI_Ialltoallv")
  }

  /// Starts MPI; errors are returned from now on.
  ///
  /// - Returns: This process's rank, and how many ranks there are.
  func start() throws -> (rank: Int, count: Int) {
    let serialized: Int32 = 2  // gradients are summed by a thread of their own
    var provided: Int32 = 0
    try check(initialize(nil, nil, serialized, &provided), "start")
    guard provided >= serialized else {
      throw RankError("this OpenMPI is built without threads; install one that is built with them")
    }
    try check(setErrorHandler(world, errorsReturn), "start")
    var (rank, count): (Int32, Int32) = (0, 0)
    try check(self.rank(world, &rank), "start")
    try check(size(world, &count), "start")
    return (Int(rank), Int(count))
  }

  /// The name of the machine.
  var host: String {
    var (name, length) = ([CChar](repeating: 0, count: 256), Int32(0))
    guard processorName(&name, &length) == 0 else { return "?" }
    return String(decoding: name[..<Int(length)].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Turns a function's result into an error.
  ///
  /// - Parameters:
  ///   - code: What it returned.
  ///   - action: What it was to do.
  /// - Throws: ``RankError`` unless it is 0.
  func check(_ code: Int32, _ action: String) throws {
    guard code != 0 else { return }
    var (text, length) = ([CChar](repeating: 0, count: 512), Int32(0))
    _ = errorString(code, &text, &length)
    let message = String(
      decoding: text[..<Int(length)].map(UInt8.init(bitPattern:)), as: UTF8.self)
    throw RankError("MPI cannot \(action): \(message)")
  }
}
