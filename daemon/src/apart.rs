//! Work that takes a processor or a disk, kept from the tasks that only wait.

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::JoinHandle,
};

/// Runs `work` on a thread where waiting holds up nobody. A runtime of one thread has no such place: there it is a task
/// among the others, so that everything happens in one order, which a simulation can repeat.
pub fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::CurrentThread => tokio::spawn(async move { work() }),
        _ => tokio::task::spawn_blocking(work),
    }
}
