//! Against a real Vendure server: `make test-real`. It is installed from npm into the target folder, runs on loopback, and
//! every test has a shop of its own in it.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod catalogue;
mod changes;
mod checking;
mod conformance;
mod orders;
mod server;
mod shop;
#[path = "../support/mod.rs"]
mod support;
mod sync;
