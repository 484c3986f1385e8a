//! The console's files as the daemon serves them, and its first moments in a browser.

use crate::support::{
    browser::{Browser, Window},
    daemon::{Answer, Daemon},
};
use reqwest::Method;
use std::io::Read as _;

/// Bytes after brotli; what a phone fetches once. The aim is 250,000, which views of this size do not reach with Leptos
/// yet: `make bench` says how far it is. This keeps it from growing until then.
const LARGEST_WASM: usize = 325_000;

async fn file(daemon: &Daemon, path: &str, encoding: &str) -> Answer {
    Answer::to(
        daemon
            .request(Method::GET, path)
            .header("accept-encoding", encoding),
    )
    .await
}

/// The page, and the addresses of the console's files that it names.
async fn page(daemon: &Daemon) -> (Answer, Vec<String>) {
    let page = file(daemon, "/", "identity").await;
    let text = String::from_utf8(page.body.clone()).expect("a page is text");
    let files: Vec<String> = text
        .split('"')
        .filter(|part| part.starts_with("/assets/"))
        .map(str::to_owned)
        .collect();
    assert!(
        files.iter().any(|file| file.ends_with(".wasm")),
        "this daemon was built without the console (WEB=skip); `make test` builds it in: {text}"
    );
    (page, files)
}

#[tokio::test]
async fn the_page_is_asked_for_each_time_and_what_it_names_is_kept_for_ever() {
    let daemon = Daemon::start(&[]).await;
    let (page, files) = page(&daemon).await;
    assert_eq!(page.header("cache-control"), "no-cache");
    for path in files {
        let answer = file(&daemon, &path, "br").await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=31536000, immutable",
            "{path}"
        );
        assert_eq!(answer.header("content-encoding"), "br", "{path}");
    }
    assert_eq!(
        file(&daemon, "/assets/web-0000000000000000.js", "br")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn the_console_is_small() {
    let daemon = Daemon::start(&[]).await;
    let (_, files) = page(&daemon).await;
    let wasm = files
        .iter()
        .find(|file| file.ends_with(".wasm"))
        .expect("just seen");
    let size = file(&daemon, wasm, "br").await.body.len();
    assert!(
        size <= LARGEST_WASM,
        "{size} bytes after brotli; at most {LARGEST_WASM}"
    );
}

#[tokio::test]
async fn each_encoding_unpacks_to_the_same_file() {
    let daemon = Daemon::start(&[]).await;
    let (_, files) = page(&daemon).await;
    for path in files {
        let plain = file(&daemon, &path, "identity").await;
        assert_eq!(plain.header("content-encoding"), "", "{path}");
        let gzip = file(&daemon, &path, "gzip").await;
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&gzip.body[..])
            .read_to_end(&mut unpacked)
            .expect("gzip");
        assert!(
            unpacked == plain.body,
            "{path} is another file when it is compressed"
        );
    }
}

#[tokio::test]
async fn the_console_speaks_its_readers_language_and_another_where_that_is_chosen() {
    let shop = "name = \"Tienda\"\nplatform = \"demo\"\n[remote]\nproducts = 3\n";
    let daemon = Daemon::start(&[("connections/one.toml", shop)]).await;
    daemon.run("one", "fetch").await;
    let browser = Browser::of_reader("es-MX,es,en", Window::WIDE).await;
    let says = async |language: &str, page: &str, price: &str| {
        browser
            .says("h1", page, |said| said.iter().any(|title| title == page))
            .await;
        let lang: String = browser
            .evaluate("return document.documentElement.lang", Vec::new())
            .await;
        assert_eq!(lang, language);
        browser
            .says(".row .price", price, |said| {
                said.len() == 3 && said.iter().all(|said| said.starts_with(price))
            })
            .await;
    };
    let address = daemon.url("/products?set=without:barcode");
    let all = daemon.url("/products");
    browser.goto(&all).await.expect("the page loads");
    says("es", "Productos", "USD").await;
    // Sets are found by their Spanish names, typed in a hurry.
    browser.keys("/").await;
    browser.keys("sin codigo").await;
    browser
        .says("[role=option]", "the set is suggested in Spanish", |said| {
            said.iter()
                .any(|line| line.starts_with("productos sin código de barras"))
        })
        .await;
    browser.goto(&address).await.expect("the page loads");
    browser
        .says(".chips .chip", "the set is a chip", |said| {
            *said == ["sin código de barras"]
        })
        .await;
    // The other language is one press away, in the same place.
    browser.press("#language").await;
    browser
        .says(".chips .chip", "the chip is in English", |said| {
            *said == ["without barcode"]
        })
        .await;
    let focused: String = browser
        .evaluate("return document.activeElement.id", Vec::new())
        .await;
    assert_eq!(focused, "language");
    let now = browser.current_url().await.expect("an address");
    assert_eq!(now.as_str(), address);
    // It is remembered, and given up as easily.
    browser.goto(&all).await.expect("the page loads");
    says("en", "Products", "$").await;
    browser.press("#language").await;
    says("es", "Productos", "USD").await;
    browser.close().await;
}

#[tokio::test]
async fn the_console_starts_in_light_and_dark_on_a_phone_and_a_wide_screen_without_complaint() {
    let daemon = Daemon::start(&[]).await;
    let browser = Browser::open(Window::WIDE).await;
    browser.goto(daemon.url("/")).await.expect("the page loads");
    for (name, window) in [
        ("first-wide-light", Window::WIDE),
        ("first-wide-dark", Window::WIDE.dark()),
        ("first-phone-light", Window::PHONE),
        ("first-phone-dark", Window::PHONE.dark()),
    ] {
        browser.look_like(window).await;
        browser.shown("main").await;
        browser.picture(name).await;
    }
    browser.close().await;
}
