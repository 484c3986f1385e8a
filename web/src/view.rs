//! Parts that pages share.

pub(crate) mod banner;
pub(crate) mod empty;
pub(crate) mod frame;
pub(crate) mod icon;
pub(crate) mod language;
pub(crate) mod mark;
pub(crate) mod modal;
pub(crate) mod monogram;
pub(crate) mod search;
pub(crate) mod theme;
pub(crate) mod thumbnail;
pub(crate) mod toasts;
