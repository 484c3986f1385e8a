//! Every word that the console says, in English. Another language is another file with the same names.

mod sentences;
mod settings;

pub(crate) use sentences::*;
pub(crate) use settings::*;

use crate::view::icon::Icon;
use shared::{
    api::ConnectionState,
    content::Field,
    ids::Kind,
    job::{JobKind, JobStatus, Trigger},
    mark::Mark,
};

/// For the browser's own formatting of numbers and dates.
pub(crate) const LOCALE: &str = "en";

// The frame.
pub(crate) const PAGES: &str = "Pages";
pub(crate) const CONNECTIONS: &str = "Connections";
pub(crate) const PRODUCTS: &str = "Products";
pub(crate) const ORDERS: &str = "Orders";
pub(crate) const ISSUES: &str = "Issues";
pub(crate) const JOBS: &str = "Jobs";
pub(crate) const SKIP: &str = "Skip to the page";
pub(crate) const LIVE_CONNECTING: &str = "Connecting";
pub(crate) const LIVE_CONNECTED: &str = "Live";
pub(crate) const LIVE_LOST: &str = "Reconnecting";
pub(crate) const THEME_SYSTEM: &str = "as the system";
pub(crate) const THEME_LIGHT: &str = "light";
pub(crate) const THEME_DARK: &str = "dark";
pub(crate) const SUGGESTIONS: &str = "Suggestions";
pub(crate) const CLOSE: &str = "Close";
pub(crate) const CANCEL: &str = "Cancel";
pub(crate) const CONFIRM: &str = "Go ahead";
pub(crate) const DONE: &str = "Done";
pub(crate) const DISMISS: &str = "Dismiss";
pub(crate) const READING: &str = "Reading\u{2026}";
pub(crate) const SHOW_ALL: &str = "Show all";

// Signing in.
pub(crate) const SIGN_IN: &str = "Sign in";
pub(crate) const SIGN_IN_TITLE: &str = "Sign in to Click2Sync";
pub(crate) const SIGN_IN_ABOUT: &str =
    "This console is protected by the token in click2sync.toml, under [auth].";
pub(crate) const TOKEN: &str = "Token";
pub(crate) const WRONG_TOKEN: &str =
    "That is not the token. Look it up in click2sync.toml, under [auth], or where that points to.";

// When something cannot be read.
pub(crate) const COULD_NOT_READ: &str = "This could not be read";
pub(crate) const TRY_AGAIN: &str = "Try again";
pub(crate) const UNREACHABLE: &str =
    "Click2Sync does not answer. Check that it is running; this page goes on by itself as soon as it is.";
pub(crate) const UNEXPECTED: &str = "Click2Sync answered something that this page does not understand. Reload the page: it may be older than the program.";
pub(crate) const NO_SUCH_PAGE: &str = "There is no such page";
pub(crate) const NO_SUCH_PAGE_TEXT: &str = "Check the address, or choose a page on the left.";

// Connections.
pub(crate) const FETCH: &str = "Fetch updates";
pub(crate) const SEND: &str = "Send updates";
pub(crate) const SYNC: &str = "Sync";
pub(crate) const PLAY: &str = "Play";
pub(crate) const PAUSE: &str = "Pause";
pub(crate) const SETTINGS: &str = "Settings";
pub(crate) const STATS: &str = "Stats";
pub(crate) const ACTIONS: &str = "Actions";
pub(crate) const FETCH_ABOUT: &str = "Read what changed here and pass it on to the hub";
pub(crate) const SEND_ABOUT: &str = "See what would be written here, then send it";
pub(crate) const SYNC_ABOUT: &str = "Fetch updates, then send updates";
pub(crate) const PAUSE_ABOUT: &str = "Stop reading and writing here until you press play";
pub(crate) const PLAY_ABOUT: &str = "Let this connection read and write again";
pub(crate) const PAUSED_REASON: &str = "Paused: press play first";
pub(crate) const SETTINGS_ABOUT: &str = "How this connection behaves";
pub(crate) const STATS_ABOUT: &str = "Figures about what this connection holds";
pub(crate) const LAST_FETCH: &str = "Last fetch";
pub(crate) const NEXT_RUN: &str = "Next run";
pub(crate) const NEVER: &str = "Never";
pub(crate) const BY_HAND: &str = "By hand";
pub(crate) const JUST_NOW: &str = "just now";
pub(crate) const ANY_MOMENT: &str = "any moment";
pub(crate) const NO_CONNECTIONS: &str = "No connections yet";
pub(crate) const NO_CONNECTIONS_TEXT: &str = "A connection is one shop or file. Put a file such as config/connections/my-shop.toml in place and it appears here at once.";
pub(crate) const WELCOME: &str = "Welcome to Click2Sync";
pub(crate) const WELCOME_TEXT: &str =
    "Below are demo stores that run on this computer. Nothing you do here reaches a real shop.";
pub(crate) const WELCOME_STEPS: [&str; 3] = [
    "Press Sync on a card and watch it read a catalogue.",
    "Look at Products: green is new for a shop, amber is a change that waits, and a full dot is in step.",
    "Press Send updates. You see first what would be written, and nothing is ever deleted.",
];
pub(crate) const WELCOME_ADD: &str = "To connect a shop of your own, add a file:";

// Products.
pub(crate) const PRODUCT: &str = "Product";
pub(crate) const PRICE: &str = "Price";
pub(crate) const STOCK: &str = "Stock";
pub(crate) const NOTHING_FOUND_TEXT: &str =
    "Take a set out of the search with backspace, or search for something else.";
pub(crate) const NO_SUCH_TEXT: &str = "Its address may be cut off. Go back to the list and search for it.";
pub(crate) const HUB: &str = "Hub";
pub(crate) const HUB_ABOUT: &str = "What all are to agree on";
pub(crate) const PICTURES: &str = "Pictures";
pub(crate) const VARIANTS: &str = "Variants";
pub(crate) const VARIANT_NOT_THERE: &str = "Not there";
pub(crate) const NOTHING_HERE: &str = "Nothing";
pub(crate) const KEEP_HUB: &str = "Keep the hub\u{2019}s";

// Orders.
pub(crate) const QUANTITY: &str = "Quantity";
pub(crate) const TOTAL: &str = "Total";
pub(crate) const BUYER: &str = "Buyer";
pub(crate) const SENT_TO: &str = "Sent to";
pub(crate) const BILLED_TO: &str = "Billed to";
pub(crate) const SHIPMENT: &str = "Shipment";
pub(crate) const PAYMENT: &str = "Payment";
pub(crate) const NOTE: &str = "Note";

// Issues, jobs.
pub(crate) const NO_ISSUES: &str = "No open issues";
pub(crate) const NO_ISSUES_TEXT: &str =
    "When a platform refuses something, or a product or order needs you, it is listed here with what to do.";
pub(crate) const SEVERITY_ERROR: &str = "Error: it waits for you";
pub(crate) const SEVERITY_WARNING: &str = "Warning";
pub(crate) const SEVERITY_NOTICE: &str = "Notice";
pub(crate) const NO_JOBS: &str = "No jobs yet";
pub(crate) const NO_JOBS_TEXT: &str =
    "Press Fetch updates, Send updates or Sync on a connection, or give it a schedule.";
pub(crate) const JOBS_ABOUT: &str = "What every connection did, does and will do.";
pub(crate) const JOBS_RUNNING: &str = "Running";
pub(crate) const JOBS_RUNNING_NONE: &str = "Nothing runs at the moment.";
pub(crate) const JOBS_WAITING: &str = "Waiting";
pub(crate) const JOBS_WAITING_NONE: &str = "Nothing waits.";
pub(crate) const JOBS_PAST: &str = "Past";
pub(crate) const JOBS_PAST_NONE: &str = "Nothing has ended yet.";

// The send dialog.
pub(crate) const NOTHING_TO_SEND: &str = "Nothing waits to be sent. Everything here is in step.";
pub(crate) const SEND_PROMISE: &str = "Nothing is deleted there.";

// Stats.
pub(crate) const STOCK_UNITS: &str = "Units in stock";
pub(crate) const OUT_OF_STOCK: &str = "Out of stock";
pub(crate) const WAITING: &str = "Waiting";
pub(crate) const HELD: &str = "Held for you";
pub(crate) const VANISHED: &str = "Vanished";
pub(crate) const COVERAGE: &str = "Fields";
pub(crate) const COVERAGE_ABOUT: &str = "How many of the products here have each field.";
pub(crate) const LAST_JOBS: &str = "Last jobs";

// Keys.
pub(crate) const KEYS: &str = "Keyboard";
pub(crate) const KEY_LIST: [(&str, &str); 11] = [
    ("/", "Search"),
    ("j", "Next row"),
    ("k", "Previous row"),
    ("Enter", "Open"),
    ("Esc", "Back, or close"),
    ("g c", "Go to connections"),
    ("g p", "Go to products"),
    ("g o", "Go to orders"),
    ("g i", "Go to issues"),
    ("g j", "Go to jobs"),
    ("?", "This list"),
];

/// What is said of products and of orders alike.
pub(crate) struct Wording {
    pub(crate) icon: Icon,
    /// The page's name.
    pub(crate) title: &'static str,
    one: &'static str,
    many: &'static str,
    pub(crate) search: &'static str,
    pub(crate) show: &'static str,
    pub(crate) columns: [&'static str; 4],
    pub(crate) side_by_side: &'static str,
    pub(crate) none: &'static str,
    pub(crate) none_text: &'static str,
    pub(crate) nothing_found: &'static str,
    pub(crate) no_such: &'static str,
}

pub(crate) fn of(kind: Kind) -> &'static Wording {
    match kind {
        Kind::Products => &Wording {
            icon: Icon::Products,
            title: PRODUCTS,
            one: "product",
            many: "products",
            search: "Search products and sets",
            show: "Show the product",
            columns: [PRODUCT, "Brand", PRICE, STOCK],
            side_by_side: "The product at every connection",
            none: "No products yet",
            none_text: "Fetch a connection that holds products. They appear here while they are being read.",
            nothing_found: "No product is in all of these sets",
            no_such: "There is no such product",
        },
        Kind::Orders => &Wording {
            icon: Icon::Orders,
            title: ORDERS,
            one: "order",
            many: "orders",
            search: "Search orders and sets",
            show: "Show the order",
            columns: ["Order", "Status", TOTAL, "Placed"],
            side_by_side: "The order at every connection",
            none: "No sales orders yet",
            none_text: "Fetch a connection that takes sales orders. They appear here while they are being read.",
            nothing_found: "No order is in all of these sets",
            no_such: "There is no such order",
        },
    }
}

/// What a mark means, in a word or two.
pub(crate) fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Live => "In step",
        Mark::Create => "Will be added",
        Mark::Update => "Will change",
        Mark::Remove => "Will be taken out",
        Mark::Held => "Held for you",
        Mark::Vanished => "No longer there",
    }
}

pub(crate) fn job_kind(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Fetch => "Fetch",
        JobKind::Send => "Send",
        JobKind::Sync => "Sync",
        JobKind::Maintenance => "Maintenance",
    }
}

pub(crate) fn trigger(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Console => "by you",
        Trigger::Api => "by the API",
        Trigger::Schedule => "by schedule",
        Trigger::Webhook => "by a webhook",
        Trigger::Edit => "after an edit",
    }
}

pub(crate) fn status(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Queued => "Waiting",
        JobStatus::Running => "Running",
        JobStatus::Halted => "Needs you",
        JobStatus::Done => "Done",
        JobStatus::Failed => "Failed",
        JobStatus::Cancelled => "Cancelled",
    }
}

/// A status in style sheets.
pub(crate) fn status_slug(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Queued => "queued",
        JobStatus::Running => "running",
        JobStatus::Halted => "halted",
        JobStatus::Done => "done",
        JobStatus::Failed => "failed",
        JobStatus::Cancelled => "cancelled",
    }
}

/// The state's name, where the daemon has nothing to add to it.
fn state_name(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::Idle => "Idle.",
        ConnectionState::Running => "Starting\u{2026}",
        ConnectionState::Paused => "Paused.",
        ConnectionState::Halted => "Stopped before it did damage: please look at it.",
        ConnectionState::Error => "The last job failed.",
    }
}

/// A field as people say it.
fn field(field: Field) -> &'static str {
    match field {
        Field::Title => "Title",
        Field::Description => "Description",
        Field::Brand => "Brand",
        Field::Model => "Model",
        Field::Mpn => "MPN",
        Field::Categories => "Categories",
        Field::Tags => "Tags",
        Field::Status => "Status",
        Field::Attributes => "Attributes",
        Field::Images => "Pictures",
        Field::Sku => "SKU",
        Field::Barcode => "Barcode",
        Field::Options => "Options",
        Field::Price => "Price",
        Field::CompareAtPrice => "Compare-at price",
        Field::Cost => "Cost",
        Field::Stock => "Stock",
        Field::Weight => "Weight",
        Field::Payment => PAYMENT,
        Field::Fulfilment => "Fulfilment",
        Field::Shipments => "Shipments",
        Field::Lines => "Lines",
        Field::Buyer => BUYER,
        Field::Addresses => "Addresses",
        Field::Totals => "Totals",
        Field::Note => NOTE,
    }
}
