//! The pages, and the dialogs that open over them.

pub(crate) mod connections;
pub(crate) mod held;
pub(crate) mod issues;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod orders;
pub(crate) mod product;
pub(crate) mod products;
pub(crate) mod send;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod stats;
