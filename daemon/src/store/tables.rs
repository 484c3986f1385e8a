//! The tables. Primary ones hold what cannot be worked out again; derived ones are rebuilt from them.

use redb::TableDefinition;

/// A connection's number in keys: short, given once, never used again.
pub type Number = u16;

// Primary.

/// The layout's version and the next free numbers, by name.
pub const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
/// What is known of each connection besides its config file.
pub const CONNECTIONS: TableDefinition<&str, &[u8]> = TableDefinition::new("connections");
pub const PRODUCTS: TableDefinition<u64, &[u8]> = TableDefinition::new("products");
/// By item first, so that an item's counterparts lie together.
pub const EQUIVALENCES: TableDefinition<(u64, Number), &[u8]> = TableDefinition::new("equivalences");
/// Sales orders, numbered together with products.
pub const ORDERS: TableDefinition<u64, &[u8]> = TableDefinition::new("orders");
pub const ORDER_EQUIVALENCES: TableDefinition<(u64, Number), &[u8]> =
    TableDefinition::new("order_equivalences");
/// What changed in products and orders, by item and then in order.
pub const HISTORY: TableDefinition<(u64, u32), &[u8]> = TableDefinition::new("history");
/// What sends wrote to products, by connection and job, for undoing them.
pub const SENT: TableDefinition<(Number, u64, u64), &[u8]> = TableDefinition::new("sent");
pub const JOBS: TableDefinition<u64, &[u8]> = TableDefinition::new("jobs");
/// A scan that is under way: where it is, for resuming.
pub const SCANS: TableDefinition<Number, &[u8]> = TableDefinition::new("scans");
/// Records that a scan read and that propagation has not taken in yet.
pub const STAGED: TableDefinition<(Number, &str), &[u8]> = TableDefinition::new("staged");
/// Items that a scan has seen, as bitmaps of 65,536.
pub const SEEN: TableDefinition<(Number, u32), &[u8]> = TableDefinition::new("seen");
/// Records that a scan read, that belong to no item, and that are not staged.
pub const STRANGERS: TableDefinition<(Number, &str), ()> = TableDefinition::new("strangers");
/// Records that match no single item, each with its issue.
pub const UNMATCHED: TableDefinition<(Number, &str), &[u8]> = TableDefinition::new("unmatched");
/// The content hash of a picture's address at a connection.
pub const PICTURES: TableDefinition<(Number, &str), &str> = TableDefinition::new("pictures");

// Derived.

/// The item of a remote id, and the digest of the record as it was last taken in.
pub const REMOTES: TableDefinition<(Number, &str), (u64, u64)> = TableDefinition::new("remotes");
pub const ORDER_REMOTES: TableDefinition<(Number, &str), (u64, u64)> = TableDefinition::new("order_remotes");
/// Items by what they can be matched by.
pub const KEYS: TableDefinition<(&str, u64), ()> = TableDefinition::new("keys");
/// What the search looks through, in lower case: the title first, then a line each.
pub const TEXTS: TableDefinition<u64, &str> = TableDefinition::new("texts");
/// Members of sets, as bitmaps of 65,536 items each. Sets of orders begin with `orders/`.
pub const SETS: TableDefinition<(&str, u32), &[u8]> = TableDefinition::new("sets");
