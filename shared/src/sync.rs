//! The decisions, one a file. Each is a pure function of what is known, the policy and `now`.

pub mod acknowledge;
pub mod clock;
pub mod explain;
pub mod guard;
pub mod matching;
pub mod merge;
pub mod order;
pub mod patterns;
pub mod pending;
pub mod price;
pub mod read;
pub mod review;
pub mod schedule;
pub mod search;
pub mod tally;
pub mod terms;
pub mod urgency;
pub mod vanish;
pub mod view;
pub mod why;
pub mod write;
