//! A real Chromium, driven by its own driver.

use super::{PATIENCE, wait_until};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    ops::Deref,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use thirtyfour::{
    ChromeCapabilities, LoggingPrefsLogLevel, extensions::query::ElementPollerWithTimeout, prelude::*,
};

/// A window with a fresh profile. Elements are waited for as long as tests wait for anything; end a test with
/// [`Browser::close`]. A test that fails before leaves nothing running either.
#[derive(Debug)]
pub(crate) struct Browser {
    window: WebDriver,
    // Dropped in this order: first the driver with its browser, then the profile they write to.
    _driver: Driver,
    _profile: TempDir,
}

/// How a window looks to the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// In CSS pixels.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) scheme: Scheme,
}

/// What the system prefers, and so a page without a choice of its own shows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scheme {
    Light,
    Dark,
}

impl Window {
    pub(crate) const WIDE: Self = Self {
        width: 1440,
        height: 900,
        scheme: Scheme::Light,
    };
    pub(crate) const PHONE: Self = Self {
        width: 390,
        height: 844,
        scheme: Scheme::Light,
    };

    pub(crate) fn dark(self) -> Self {
        Self {
            scheme: Scheme::Dark,
            ..self
        }
    }
}

impl Browser {
    pub(crate) async fn open(window: Window) -> Self {
        Self::of_reader("en-US,en", window).await
    }

    /// The browser of somebody who reads these languages, the dearest first.
    pub(crate) async fn of_reader(languages: &str, window: Window) -> Self {
        super::with_cryptography();
        let profile = tempfile::tempdir().expect("a temporary folder");
        let driver = Driver::start();
        let poller = ElementPollerWithTimeout::new(PATIENCE, Duration::from_millis(20));
        let session = WebDriver::builder(&driver.address, capabilities(&profile, languages))
            .poller(Arc::new(poller))
            .connect();
        let browser = Self {
            window: session.await.expect("Chromium starts"),
            _driver: driver,
            _profile: profile,
        };
        browser.look_like(window).await;
        browser
    }

    /// Changes what the page sees of its window, as turning a phone or a system's setting does.
    pub(crate) async fn look_like(&self, window: Window) {
        let Window {
            width,
            height,
            scheme,
        } = window;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": match scheme {
                Scheme::Light => "light",
                Scheme::Dark => "dark",
            } },
            // Pictures and clicks are not to depend on the moment.
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        for (command, parameters) in [
            ("Emulation.setDeviceMetricsOverride", size),
            ("Emulation.setEmulatedMedia", media),
        ] {
            let done = self.cdp().send_raw(command, parameters).await;
            done.unwrap_or_else(|error| panic!("{command}: {error}"));
        }
    }

    /// The first element that matches, once there is one that is displayed.
    pub(crate) async fn shown(&self, css: &str) -> WebElement {
        match self.query(By::Css(css)).and_displayed().first().await {
            Ok(found) => found,
            Err(error) => panic!(
                "{css} is not shown: {error}; the page complained: {:#?}",
                self.complaints().await
            ),
        }
    }

    /// Presses the first element that matches, once it is displayed.
    pub(crate) async fn press(&self, css: &str) {
        let pressed = self.shown(css).await.click().await;
        pressed.unwrap_or_else(|error| panic!("{css} cannot be pressed: {error}"));
    }

    /// Types into whatever has the focus, as a keyboard does; `Key` has the keys that are no letters.
    pub(crate) async fn keys(&self, keys: impl Into<TypingData>) {
        let typed = self.action_chain().send_keys(keys).perform().await;
        typed.expect("the window takes keys");
    }

    /// What the displayed elements that match say, line breaks as spaces, as it is now.
    pub(crate) async fn texts(&self, css: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])]
            .filter((one) => one.checkVisibility())
            .map((one) => one.innerText.replace(/\\s+/g, ' ').trim());";
        self.evaluate(script, vec![json!(css)]).await
    }

    /// Waits until the displayed elements that match say what is wanted.
    pub(crate) async fn says(&self, css: &str, what: &str, is_good: impl FnMut(&Vec<String>) -> bool) {
        wait_until(what, async || self.texts(css).await, is_good).await;
    }

    /// What a script returns in the page.
    pub(crate) async fn evaluate<T: DeserializeOwned>(&self, script: &str, arguments: Vec<Value>) -> T {
        let answer = self.execute(script, arguments).await;
        let answer = answer.unwrap_or_else(|error| panic!("{error} in {script}"));
        answer.convert().expect("of the type that is asked for")
    }

    /// Keeps a picture of the window in the target folder, for people to look at. Returns its path.
    pub(crate) async fn picture(&self, name: &str) -> PathBuf {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        self.screenshot(&path).await.expect("a picture");
        path
    }

    /// What the page complained about since this was last asked: errors of scripts, requests that failed.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let log = self.browser_log().await.expect("the browser's log");
        let severe = log.into_iter().filter(|entry| entry.level == "SEVERE");
        severe.map(|entry| entry.message).collect()
    }

    /// Ends the test in this window: the page must not have complained.
    pub(crate) async fn close(self) {
        let complaints = self.complaints().await;
        self.window.clone().quit().await.expect("the window closes");
        assert!(complaints.is_empty(), "the page complained: {complaints:#?}");
    }
}

impl Deref for Browser {
    type Target = WebDriver;

    fn deref(&self) -> &WebDriver {
        &self.window
    }
}

fn capabilities(profile: &TempDir, languages: &str) -> ChromeCapabilities {
    let mut wanted = DesiredCapabilities::chrome();
    for argument in [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        // Nothing but the daemon is asked for anything.
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ] {
        wanted.add_arg(argument).expect("a list of arguments");
    }
    let profile = format!("--user-data-dir={}", profile.path().display());
    wanted.add_arg(&profile).expect("a list of arguments");
    let preferences = json!({ "intl.accept_languages": languages });
    wanted
        .add_experimental_option("prefs", preferences)
        .expect("a map of preferences");
    wanted
        .set_browser_log_level(LoggingPrefsLogLevel::All)
        .expect("a level");
    wanted
}

/// A chromedriver on a port of its own, in a process group of its own together with the browsers it starts.
#[derive(Debug)]
struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("chromedriver does not start ({error}); install it with: scripts/setup browser")
            });
        let mut said = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let port = said.by_ref().find_map(|line| {
            let line = line.ok()?;
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        std::thread::spawn(move || said.for_each(drop));
        let address = format!("http://127.0.0.1:{}", port.expect("chromedriver says its port"));
        Self { child, address }
    }
}

impl Drop for Driver {
    /// Ends the whole group, as a browser outlives a chromedriver that is killed alone.
    fn drop(&mut self) {
        Command::new("kill")
            .args(["-KILL", "--", &format!("-{}", self.child.id())])
            .status()
            .ok();
        self.child.wait().ok();
    }
}
