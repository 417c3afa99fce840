//! How much memory the process holds.

use std::io;

/// The resident set in KiB, as the kernel tells it.
pub(crate) fn resident() -> io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let resident =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
    resident.ok_or_else(|| io::Error::other("/proc/self/status has no VmRSS"))
}
