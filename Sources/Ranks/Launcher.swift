internal import Glibc

/// What started this process.
enum Launcher {
  /// How many processes it says to have started; nil if nothing says so.
  ///
  /// OpenMPI's `mpirun` says it in `OMPI_COMM_WORLD_SIZE`; others (Slurm, MPICH) in variables of
  /// their own, by which processes that would train each for itself are told from one run.
  static var announcedCount: Int? {
    if let count = number("OMPI_COMM_WORLD_SIZE") ?? number("PMI_SIZE") { return count }
    // A step of Slurm; what a job's script starts by itself has no rank.
    if getenv("PMIX_RANK") != nil { return number("SLURM_NTASKS") ?? number("SLURM_NPROCS") ?? 1 }
    return nil
  }

  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }
}
