#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The memory of the machine.
public enum SystemMemory {
    /// How many bytes there are, at least 1 GiB.
    public static let bytes = max(1 << 30, sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)))
}
