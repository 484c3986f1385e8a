//! Effects around the decisions of `shared`.
pub mod connector;
