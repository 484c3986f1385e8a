//! Work that takes a processor or a disk, kept from the tasks that only wait.

use std::{num::NonZero, panic, thread};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::JoinHandle,
};

/// Threads that work on the parts of one thing, at most; more would wait for one another's memory.
const THREADS: usize = 4;

/// Runs `work` on a thread where waiting holds up nobody. A runtime of one thread has no such place: there it is a task
/// among the others, so that everything happens in one order, which a simulation can repeat.
pub fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::CurrentThread => tokio::spawn(async move { work() }),
        _ => tokio::task::spawn_blocking(work),
    }
}

/// Into how many parts to cut what [`each`] is to work on.
pub fn threads() -> usize {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::CurrentThread) => 1,
        _ => thread::available_parallelism()
            .map_or(1, NonZero::get)
            .min(THREADS),
    }
}

/// Works on all parts at the same time, each on a thread of its own, and answers in their order. Where everything is to
/// happen in one order, as [`apart`] says, it is one part after another.
pub fn each<P: Send, T: Send>(parts: impl IntoIterator<Item = P>, work: impl Fn(P) -> T + Sync) -> Vec<T> {
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else {
        return Vec::new();
    };
    if threads() == 1 {
        return std::iter::once(first).chain(parts).map(work).collect();
    }
    let work = &work;
    thread::scope(|scope| {
        let begun: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        // This thread takes a part, too.
        let first = work(first);
        let rest = begun.into_iter().map(|thread| {
            thread
                .join()
                .unwrap_or_else(|panicked| panic::resume_unwind(panicked))
        });
        std::iter::once(first).chain(rest).collect()
    })
}

/// Works on a list cut into as many parts as there are threads; answers in the order of the parts.
pub fn chunks<'i, I: Sync, T: Send>(all: &'i [I], work: impl Fn(&'i [I]) -> T + Sync) -> Vec<T> {
    each(all.chunks(all.len().div_ceil(threads()).max(1)), work)
}

/// Does two things at the same time, or one after the other where [`each`] would.
pub fn both<A, B: Send>(one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    if threads() == 1 {
        return (one(), other());
    }
    thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        (
            one,
            other
                .join()
                .unwrap_or_else(|panicked| panic::resume_unwind(panicked)),
        )
    })
}
