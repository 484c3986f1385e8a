//! Products from shop to shop by the real binary.
