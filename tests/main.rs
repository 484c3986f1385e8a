//! One integration binary: a crate of its own for every file of tests would link the daemon as many times.

#![allow(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod architecture;
mod backup;
mod command_line;
mod conformance;
mod console;
mod crash;
mod decisions;
mod disk;
mod guards;
mod install;
mod jobs;
mod log;
mod orders;
mod reading;
mod readme;
mod review;
mod schedule;
mod service;
mod shutdown;
mod simulation;
mod support;
mod sync;
mod walk;
mod woocommerce;
