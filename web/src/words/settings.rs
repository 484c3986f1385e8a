//! The words of the settings dialog.

use serde_json::Value;

pub(crate) const BEHAVIOUR: &str = "Behaviour";
pub(crate) const SCHEDULER: &str = "Scheduler";
pub(crate) const PRICES: &str = "Prices";
pub(crate) const FIELDS: &str = "Fields";
pub(crate) const SAVE: &str = "Save";
pub(crate) const WRITES_TO: &str = "Saving writes";

pub(crate) const SET_FETCH: &str = "Fetch products";
pub(crate) const SET_FETCH_ABOUT: &str = "Read the products of this connection.";
pub(crate) const SET_ABSORB: &str = "Absorb new products";
pub(crate) const SET_ABSORB_ABOUT: &str = "A product first seen here becomes a product of the hub.";
pub(crate) const SET_CLONE: &str = "Clone products here";
pub(crate) const SET_CLONE_ABOUT: &str = "Which products of the hub are created here when they are missing.";
pub(crate) const SET_CLONE_SETS: &str = "Only these sets";
pub(crate) const SET_CLONE_SETS_ABOUT: &str =
    "Sets with a space between them; a product has to be in all of them.";
pub(crate) const CLONE_CHOICES: [(&str, &str); 3] = [
    ("none", "None"),
    ("all", "All of the hub"),
    ("some", "Only some sets"),
];

pub(crate) const SET_JOB: &str = "Run by itself";
pub(crate) const SET_JOB_ABOUT: &str = "The job that starts without you.";
pub(crate) const SCHEDULE_JOBS: [(&str, &str); 4] = [
    ("", "Never"),
    ("sync", "Sync"),
    ("fetch", "Fetch updates"),
    ("send", "Send updates"),
];
pub(crate) const SET_EVERY: &str = "Every";
pub(crate) const SET_EVERY_ABOUT: &str = "A number and s, m, h or d.";
pub(crate) const SET_CRON: &str = "At";
pub(crate) const SET_CRON_ABOUT: &str = "Minute, hour, day, month and weekday, as cron writes them.";
pub(crate) const SET_TIME_ZONE: &str = "Time zone";
pub(crate) const SET_TIME_ZONE_ABOUT: &str = "Such as America/Mexico_City.";
pub(crate) const SET_FULL_RESCAN: &str = "Read everything every";
pub(crate) const SET_FULL_RESCAN_ABOUT: &str = "Now and then, to find what vanished there.";
pub(crate) const CLOCKS: &str = "Clocks";
pub(crate) const CLOCKS_ABOUT: &str = "A clock says how far this connection has been read. Reset it and the next fetch reads everything; what is not found then disappears from the console.";
pub(crate) const CLOCK_RESET: &str = "Reset";
pub(crate) const CLOCK_UNSET: &str = "The next fetch reads everything.";
pub(crate) const CLOCK_WAS_RESET: &str = "The clock is reset. The next fetch reads everything.";

pub(crate) const PRICES_ABOUT: &str = "The hub\u{2019}s price becomes the price shown here: converted, then the margin, then the addition, then rounded.";
pub(crate) const SET_CURRENCY: &str = "Currency";
pub(crate) const SET_CURRENCY_ABOUT: &str = "Three letters, in place of the one that was detected.";
pub(crate) const SET_MARGIN: &str = "Margin";
pub(crate) const SET_MARGIN_ABOUT: &str = "In per cent; negative for a discount.";
pub(crate) const SET_ADD: &str = "Add";
pub(crate) const SET_ADD_ABOUT: &str = "An amount on top of every price.";
pub(crate) const SET_ROUND: &str = "Round to";
pub(crate) const SET_ROUND_ABOUT: &str = "A step such as 0.05, or an ending such as x.99.";
pub(crate) const SET_MODE: &str = "Round";
pub(crate) const SET_MODE_ABOUT: &str = "";
pub(crate) const ROUND_MODES: [(&str, &str); 4] = [
    ("", "To the nearest (default)"),
    ("nearest", "To the nearest"),
    ("up", "Up"),
    ("down", "Down"),
];

pub(crate) const SET_BUFFER: &str = "Hold back";
pub(crate) const SET_BUFFER_ABOUT: &str = "This many are kept off sale here. It never shows less than 0.";
pub(crate) const SET_MAX: &str = "Show at most";
pub(crate) const SET_MAX_ABOUT: &str = "Left blank, all of the stock is shown.";

pub(crate) const FIELDS_ABOUT: &str = "Sync reads and writes a field. Read only detects changes and never writes. Write only writes and detects nothing.";
pub(crate) const SET_DEFAULT: &str = "All fields";
pub(crate) const SET_DEFAULT_ABOUT: &str = "Unless a field below says otherwise.";
pub(crate) const MUTABILITIES_DEFAULT: [(&str, &str); 5] = [
    ("", "Sync (default)"),
    ("sync", "Sync"),
    ("read-only", "Read only"),
    ("write-only", "Write only"),
    ("ignore", "Ignore"),
];
pub(crate) const MUTABILITIES: [(&str, &str); 5] = [
    ("", "As all fields"),
    ("sync", "Sync"),
    ("read-only", "Read only"),
    ("write-only", "Write only"),
    ("ignore", "Ignore"),
];

pub(crate) const SET_CATEGORY: &str = "Category of new products";
pub(crate) const SET_CATEGORY_ABOUT: &str = "For products created here that have none.";
pub(crate) const SET_STATUS: &str = "Status of new products";
pub(crate) const SET_STATUS_ABOUT: &str = "How products begin that are created here.";
pub(crate) const STATUSES: [(&str, &str); 5] = [
    ("", "As in the hub"),
    ("draft", "Draft"),
    ("active", "Active"),
    ("paused", "Paused"),
    ("archived", "Archived"),
];
pub(crate) const OPTIONS: &str = "Colour and size";
pub(crate) const SET_COLOR: &str = "Colour is called";
pub(crate) const SET_COLOR_ABOUT: &str = "What the platform calls the option, with commas between names.";
pub(crate) const SET_SIZE: &str = "Size is called";
pub(crate) const SET_SIZE_ABOUT: &str = "The same for sizes.";

pub(crate) const GUARDS: &str = "Guards";
pub(crate) const GUARDS_ABOUT: &str = "Beyond these a job stops before it does damage, and asks you.";
pub(crate) const SET_ZERO_STOCK: &str = "Stock to zero";
pub(crate) const SET_ZERO_STOCK_ABOUT: &str = "The share of products that one run may sell out.";
pub(crate) const SET_PRICE_BY: &str = "Price moves by more than";
pub(crate) const SET_PRICE_BY_ABOUT: &str = "A price that moves further counts as a leap.";
pub(crate) const SET_PRICE_OF: &str = "Leaps allowed";
pub(crate) const SET_PRICE_OF_ABOUT: &str = "The share of products whose price may leap in one run.";

pub(crate) const CONNECTION: &str = "Connection";
pub(crate) const SET_NAME: &str = "Name";
pub(crate) const SET_NAME_ABOUT: &str = "What this connection is called in the console.";
pub(crate) const CHECK: &str = "Check";
pub(crate) const CHECKING: &str = "Asking the platform\u{2026}";
pub(crate) const CHECK_ABOUT: &str =
    "See whether the platform can be reached as the file says now. No data is touched.";

/// What stands in place of a secret.
pub(crate) fn secret(saved: Option<&Value>) -> String {
    let part = |name: &str| saved.and_then(|saved| saved.get(name)).and_then(Value::as_str);
    match (saved, part("env"), part("file")) {
        (None, ..) => String::new(),
        (_, Some(name), _) => format!("From the variable {name}"),
        (_, _, Some(file)) => format!("From the file {file}"),
        _ => "Set. Type to replace it".to_owned(),
    }
}

/// The key of a `[remote]` table as a label: `products_url` is "Products url".
pub(crate) fn remote_key(name: &str) -> String {
    let text = name.replace('_', " ");
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

pub(crate) fn by_default(value: &str) -> String {
    if value.is_empty() {
        "Not set".to_owned()
    } else {
        format!("{value} (default)")
    }
}

pub(crate) fn more_in_the_file(names: &[String]) -> String {
    format!("More can be set in the file itself: {}.", names.join(", "))
}

pub(crate) fn settings_of(connection: &str) -> String {
    format!("Settings of {connection}")
}

pub(crate) fn saved_to(file: &str) -> String {
    format!("Saved to {file}.")
}

pub(crate) fn clock_at(ago: &str) -> String {
    format!("Read up to {ago}.")
}
