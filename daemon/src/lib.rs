//! Effects around the decisions of `shared`.
pub mod assets;
pub mod connector;
