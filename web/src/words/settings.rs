//! The words of the settings dialog.

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

pub(crate) fn settings_of(connection: &str) -> String {
    format!("Settings of {connection}")
}

pub(crate) fn saved_to(file: &str) -> String {
    format!("Saved to {file}.")
}

pub(crate) fn clock_at(ago: &str) -> String {
    format!("Read up to {ago}.")
}
