//! The decisions, one a file.
