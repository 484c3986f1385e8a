//! Why something waits, in sentences that are always the same, so that whoever shows them can say them in another
//! language. Those with numbers in them are made where the numbers are.

pub const ALL: [&str; 9] = [
    NOT_THERE,
    AS_HUB,
    NO_PRICE,
    PLAIN_PRICE,
    OUT_OF_GALLERY,
    UNDONE,
    FIRST_MEETING,
    OWN_NAME,
    NEW_ORDERS,
];

pub const NOT_THERE: &str = "Not there yet";
pub const AS_HUB: &str = "As the hub has it";
pub const NO_PRICE: &str = "The hub has no such price any more";
pub const PLAIN_PRICE: &str = "The hub's price";
pub const OUT_OF_GALLERY: &str = "Taken out of the gallery";
pub const UNDONE: &str = "A send is undone: this was there before";
pub const FIRST_MEETING: &str = "Both sides had a value when they first met: choose whose counts";
pub const OWN_NAME: &str = "What this connection calls it";
pub const NEW_ORDERS: &str = "As set for new orders here";
