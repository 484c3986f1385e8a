//! One integration binary: a crate of its own for every file of tests would link the daemon as many times.

mod architecture;
mod command_line;
mod console;
mod support;
