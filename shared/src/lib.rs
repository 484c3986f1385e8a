//! What Click2Sync knows and decides, without doing anything: no clock, no I/O, no async.
//!
//! Nouns come first, `sync` builds its decisions from them, `api` is what is shown of both, and `show` shapes it.

pub mod content;
pub mod history;
pub mod ids;
pub mod issue;
pub mod item;
pub mod language;
pub mod mark;
pub mod money;
pub mod order;
pub mod policy;
pub mod product;
pub mod time;

pub mod sync;

pub mod job;
pub mod set;

pub mod api;

pub mod show;
