//! The console as a shop owner walks through it, in a real browser before the real daemon.

use crate::support::{
    browser::{Browser, Window},
    daemon::Daemon,
    shops::{csv, demo, prices_of, shop},
};
use std::{fs, path::Path};
use thirtyfour::Key;

/// A product of the sample catalogue, and what its price is edited to.
struct Edited {
    sku: &'static str,
    old: &'static str,
    new: &'static str,
}

const TEAPOT: Edited = Edited {
    sku: "STW-TPT-07",
    old: "64.00",
    new: "68.50",
};

/// A sheet and two empty shops.
async fn sheet_and_shops() -> Daemon {
    let daemon = Daemon::start(&[
        ("connections/sheet.toml", &csv("catalogue.csv")),
        ("connections/one.toml", &named("Main shop", &demo(0))),
        ("connections/two.toml", &named("Outlet", &demo(0))),
    ])
    .await;
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/samples");
    let config = daemon.folder().join("config");
    fs::create_dir_all(config.join("pictures")).expect("a folder");
    for picture in fs::read_dir(samples.join("pictures")).expect("the sample's pictures") {
        let from = picture.expect("a picture").path();
        let to = config.join("pictures").join(from.file_name().expect("a file"));
        fs::copy(&from, to).expect("a copy");
    }
    fs::copy(samples.join("catalogue.csv"), config.join("catalogue.csv")).expect("a copy");
    daemon
}

pub(crate) fn named(name: &str, settings: &str) -> String {
    format!("name = \"{name}\"\n{settings}")
}

pub(crate) async fn open(daemon: &Daemon, window: Window) -> Browser {
    let browser = Browser::open(window).await;
    browser.goto(daemon.url("/")).await.expect("the page loads");
    browser.shown(".pulse.connected").await;
    browser
}

/// A button of a connection's card.
pub(crate) fn button(connection: &str, job: &str) -> String {
    format!("[data-connection={connection}] [data-job={job}]")
}

/// The marks of the rows in sight, in the order of the connections' ids.
async fn marks(browser: &Browser) -> Vec<Vec<String>> {
    let script = "return [...document.querySelectorAll('a.line')]
        .map((row) => [...row.querySelectorAll('.strip .glyph')]
        .map((glyph) => glyph.classList[1]));";
    browser.evaluate(script, Vec::new()).await
}

async fn wait_for_marks(browser: &Browser, wanted: &[&str]) {
    let what = format!("every row is {wanted:?}");
    let all = |rows: &Vec<Vec<String>>| !rows.is_empty() && rows.iter().all(|row| *row == wanted);
    crate::support::wait_until(&what, async || marks(browser).await, all).await;
}

#[tokio::test]
async fn a_catalogue_is_green_at_two_shops_then_live_and_an_edited_price_is_yellow_with_old_and_new() {
    let daemon = sheet_and_shops().await;
    let browser = open(&daemon, Window::WIDE).await;

    browser.press(&button("sheet", "sync")).await;
    let counted = |badge: &Vec<String>| {
        badge
            .iter()
            .any(|count| count.parse::<u64>().is_ok_and(|count| count > 10))
    };
    for place in ["one", "two"] {
        let badge = format!("{} .badge", button(place, "send"));
        browser
            .says(&badge, "the new products wait at the shop", counted)
            .await;
    }
    browser.keys("gp").await;
    wait_for_marks(&browser, &["create", "live", "create"]).await;
    browser.picture("walk-green").await;

    let total = daemon.get("/api/v1/products?limit=1").await["total"].clone();
    for (place, name) in [("one", "Main shop"), ("two", "Outlet")] {
        browser.keys("gc").await;
        browser.press(&button(place, "send")).await;
        let title = format!("Send {total} new products to {name}");
        browser
            .says("#modal-title", "the dialog says what would be written", |said| {
                *said == [title.as_str()]
            })
            .await;
        browser.press("dialog .primary").await;
        browser.shown("dialog .told.good").await;
        browser.press("dialog footer .primary").await;
    }
    browser.keys("gp").await;
    wait_for_marks(&browser, &["live", "live", "live"]).await;

    let sheet = daemon.folder().join("config/catalogue.csv");
    let text = fs::read_to_string(&sheet).expect("the sheet");
    let line = |price: &str| format!(",0.98,,{price},Kitchen > Teapots");
    let edited = text.replacen(&line(TEAPOT.old), &line(TEAPOT.new), 1);
    assert_ne!(edited, text, "the sample holds the line that is edited");
    fs::write(&sheet, edited).expect("an editor saves it");
    let yellow = |rows: &Vec<Vec<String>>| {
        let changed: Vec<_> = rows
            .iter()
            .filter(|row| row[0] == "update" && row[2] == "update")
            .collect();
        changed.len() == 1
    };
    crate::support::wait_until(
        "one row is yellow at both shops",
        async || marks(&browser).await,
        yellow,
    )
    .await;
    browser.press("a.line:has(.glyph.update)").await;
    for (css, price) in [
        ("td.change.update del", TEAPOT.old),
        ("td.change.update ins", TEAPOT.new),
    ] {
        browser
            .says(css, "old and new stand side by side at both shops", |said| {
                *said == [format!("${price}"), format!("${price}")]
            })
            .await;
    }
    browser.picture("walk-yellow").await;

    browser.keys("gc").await;
    browser.press(&button("one", "send")).await;
    browser
        .says("#modal-title", "the dialog says what would be written", |said| {
            *said == ["Send 1 update to Main shop"]
        })
        .await;
    browser.press("dialog .primary").await;
    browser.shown("dialog .told.good").await;
    let prices = prices_of(&mut shop(&daemon, "one"));
    assert_eq!(
        prices.get(TEAPOT.sku).map(String::as_str),
        Some(TEAPOT.new),
        "{prices:?}"
    );
    browser.close().await;
}

#[tokio::test]
async fn settings_are_changed_and_mistakes_are_shown_where_they_are_made() {
    let daemon = Daemon::start(&[
        ("connections/one.toml", &named("Main shop", &demo(40))),
        ("connections/two.toml", &named("Outlet", &demo(40))),
    ])
    .await;
    for place in ["one", "two"] {
        daemon.run(place, "fetch").await;
    }
    for place in ["one", "two"] {
        daemon.run(place, "send").await;
    }
    let browser = open(&daemon, Window::WIDE).await;

    browser
        .press("[data-connection=two] [data-dialog=settings]")
        .await;
    browser.press("[role=tab][data-tab=prices]").await;
    let margin = browser.shown("input[name='prices.margin']").await;
    margin.send_keys("lots").await.expect("an input");
    browser.press("dialog .primary").await;
    browser
        .says(
            ".setting:has([aria-invalid]) .wrong",
            "the mistake is told at its field",
            |said| said.len() == 1 && said[0].contains("12%"),
        )
        .await;
    // The browser notes the refused request by itself; it is the only complaint there may be.
    let noted = crate::support::wait_until(
        "the browser notes the refusal",
        async || browser.complaints().await,
        |noted| !noted.is_empty(),
    );
    let noted = noted.await;
    assert!(
        noted.len() == 1 && noted[0].contains("/connections/two/settings") && noted[0].contains("422"),
        "{noted:?}"
    );
    browser.picture("walk-settings").await;
    margin.clear().await.expect("an input");
    margin.send_keys("12%").await.expect("an input");
    browser.press("dialog .primary").await;
    browser.says("dialog", "the dialog closes", Vec::is_empty).await;
    let file = daemon.read_config("connections/two.toml");
    assert!(file.contains("margin = \"12%\""), "{file}");
    let badge = format!("{} .badge", button("two", "send"));
    browser
        .says(&badge, "all prices wait", |badge| *badge == ["40"])
        .await;

    let faulty = file.replace("12%", "12 percent");
    let line = faulty
        .lines()
        .position(|line| line.contains("percent"))
        .expect("it is there")
        + 1;
    daemon.write_config("connections/two.toml", &faulty);
    let place = format!("connections/two.toml:{line}:");
    browser
        .says(".fault .one", "file, line and reason are shown", |said| {
            said.len() == 1 && said[0].starts_with(&place) && said[0].contains("12 percent")
        })
        .await;
    browser.picture("walk-fault").await;
    browser
        .says(&badge, "nothing else moves", |badge| *badge == ["40"])
        .await;
    daemon.write_config("connections/two.toml", &file);
    browser.says(".fault", "it is mended", Vec::is_empty).await;

    browser.press("[data-connection=two] [data-toggle]").await;
    browser.shown("[data-connection=two].paused").await;
    for job in ["fetch", "send", "sync"] {
        let pressed = browser.shown(&button("two", job)).await;
        let told = |name: &'static str| pressed.attr(name);
        assert_eq!(
            told("aria-disabled").await.unwrap().as_deref(),
            Some("true"),
            "{job}"
        );
        assert!(
            told("title").await.unwrap().unwrap_or_default().contains("play"),
            "{job}"
        );
        pressed.click().await.expect("it can be pressed, to no effect");
    }
    browser
        .says(
            "[data-connection=two] [data-toggle]",
            "its button plays again",
            |said| *said == ["Play"],
        )
        .await;
    let jobs = daemon.get("/api/v1/jobs?connection=two").await;
    assert_eq!(jobs["total"], 2, "a paused connection starts nothing: {jobs}");
    browser.picture("walk-paused").await;
    browser.press("[data-connection=two] [data-toggle]").await;
    browser.shown("[data-connection=two].idle").await;
    browser.close().await;
}

#[tokio::test]
async fn the_list_is_searched_by_keyboard_and_its_address_brings_it_back() {
    let daemon = Daemon::start(&[
        ("connections/one.toml", &named("Main shop", &demo(40))),
        ("connections/two.toml", &named("Outlet", &demo(0))),
    ])
    .await;
    daemon.run("one", "fetch").await;
    let browser = open(&daemon, Window::WIDE).await;

    browser.keys("/").await;
    browser.keys("creates").await;
    browser
        .says("[role=option]", "the set is suggested with its count", |said| {
            said.iter()
                .any(|line| *line == "products with pending creates to Outlet 40")
        })
        .await;
    browser.keys(Key::Down).await;
    browser.keys(Key::Enter).await;
    browser
        .says(".chips .chip", "the set is a chip", |said| {
            *said == ["with pending creates to Outlet"]
        })
        .await;
    let address = browser.current_url().await.expect("an address");
    assert_eq!(address.query(), Some("set=pending:creates@two"));

    // Rows arrive a moment after the chip.
    wait_for_marks(&browser, &["live", "create"]).await;
    // Focus leaves the search; the second row is opened, left, and what was chosen is still there.
    browser.keys(Key::Escape).await;
    browser.keys("jj").await;
    browser.keys(Key::Enter).await;
    browser.shown(".grid").await;
    assert_on_a_phone_and_named(&browser, "the product").await;
    browser.keys(Key::Escape).await;
    browser.shown(".chips .chip").await;
    assert_eq!(browser.current_url().await.expect("an address"), address);
    browser.goto(address.as_str()).await.expect("the page loads");
    browser
        .says(".chips .chip", "a shared address has its chips", |said| {
            *said == ["with pending creates to Outlet"]
        })
        .await;
    browser.keys("/").await;
    browser.keys(Key::Backspace).await;
    browser
        .says(".chips .chip", "the chip is gone", Vec::is_empty)
        .await;
    browser.keys(Key::Escape).await;
    for (letter, page) in [
        ("p", "/products"),
        ("o", "/orders"),
        ("i", "/issues"),
        ("j", "/jobs"),
        ("c", "/"),
    ] {
        browser.keys(format!("g{letter}")).await;
        let path = async || browser.current_url().await.expect("an address").path().to_owned();
        crate::support::wait_until(page, path, |path| path == page).await;
        assert_on_a_phone_and_named(&browser, page).await;
    }
    browser.close().await;
}

#[tokio::test]
async fn orders_are_searched_by_number_and_opened_and_those_that_wait_are_green_until_they_are_sent() {
    let with_orders = demo(40).replace("[remote]", "[remote]\norders = 6");
    let daemon = Daemon::start(&[
        ("connections/one.toml", &named("Main shop", &with_orders)),
        (
            "connections/two.toml",
            &named(
                "Outlet",
                &format!(
                    "{}[orders]\nclone = true\nclone_since = \"2020-01-01\"\n",
                    demo(40)
                ),
            ),
        ),
    ])
    .await;
    // An order waits where the products are that were bought.
    for place in ["two", "one"] {
        daemon.run(place, "fetch").await;
    }
    // Those that were cancelled have nothing to do elsewhere.
    let orders = daemon.get("/api/v1/orders?set=pending:creates@two").await;
    let order = orders["items"].get(1).expect("orders wait");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let number = text(&order["number"]);
    let browser = open(&daemon, Window::WIDE).await;

    browser.keys("go").await;
    let green = |rows: &Vec<Vec<String>>| {
        let waiting = rows.iter().filter(|row| **row == ["live", "create"]);
        rows.len() == 6 && Some(waiting.count() as u64) == orders["total"].as_u64()
    };
    crate::support::wait_until("those that wait are green", async || marks(&browser).await, green).await;
    browser
        .says(".totals", "all of them are counted", |said| *said == ["6 orders"])
        .await;
    browser.picture("walk-orders").await;
    browser.keys("/").await;
    browser.keys("creates").await;
    browser
        .says("[role=option]", "sets of orders are suggested", |said| {
            let wanted = format!("orders with pending creates to Outlet {}", orders["total"]);
            said.contains(&wanted)
        })
        .await;
    browser.keys(Key::Escape).await;
    browser.keys(number.as_str()).await;
    let mentions = format!("Orders that mention \u{201c}{number}\u{201d}");
    browser
        .says(
            "[role=option][aria-selected=true]",
            "the text is offered",
            |said| *said == [mentions.as_str()],
        )
        .await;
    browser.keys(Key::Enter).await;
    browser
        .says(".line .name b", "it is the only one", |said| {
            *said == [number.as_str()]
        })
        .await;
    let address = browser.current_url().await.expect("an address");
    assert_eq!(
        (address.path(), address.query()),
        ("/orders", Some(format!("q={number}").as_str()))
    );

    browser.keys(Key::Escape).await;
    browser.keys("j").await;
    browser.keys(Key::Enter).await;
    let title = format!("Order {number}");
    browser
        .says("h1", "it opens", |said| *said == [title.as_str()])
        .await;
    let skus: Vec<String> = order["lines"]
        .as_array()
        .expect("its lines")
        .iter()
        .map(|line| text(&line["sku"]))
        .collect();
    assert_eq!(browser.texts(".bill tbody small").await, skus);
    browser
        .says(
            ".column-head small",
            "it is at one and comes to the other",
            |said| said[1..] == ["In step", "Will be added"],
        )
        .await;
    browser.picture("walk-order").await;
    assert_on_a_phone_and_named(&browser, "the order").await;
    // It is told when it changes, and so is the list.
    daemon.run("two", "send").await;
    browser
        .says(".column-head small", "it is at both", |said| {
            said[1..] == ["In step", "In step"]
        })
        .await;
    browser.keys(Key::Escape).await;
    browser.shown(".chips .chip").await;
    wait_for_marks(&browser, &["live", "live"]).await;
    browser.close().await;
}

/// Nothing is wider than a phone, and whatever can be pressed has a name.
async fn assert_on_a_phone_and_named(browser: &Browser, page: &str) {
    browser.look_like(Window::PHONE).await;
    let too_wide = "return document.documentElement.scrollWidth > innerWidth
        || document.querySelector('main').scrollWidth > document.querySelector('main').clientWidth;";
    let too_wide: bool = browser.evaluate(too_wide, Vec::new()).await;
    assert!(!too_wide, "{page} scrolls sideways on a phone");
    let nameless = "return [...document.querySelectorAll('button, a[href], input, select')]
        .filter((one) => !(one.getAttribute('aria-label') || one.title || one.innerText.trim() || one.labels?.length))
        .map((one) => one.outerHTML);";
    let nameless: Vec<String> = browser.evaluate(nameless, Vec::new()).await;
    assert!(nameless.is_empty(), "{page}: {nameless:#?}");
    browser.look_like(Window::WIDE).await;
}
