mod shop;

use super::*;
use crate::clock::Clock;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json as value};
use shop::{Say, Shop, html, json, says};
use std::{io::Write as _, path::PathBuf};

const SECRET: &str = "cs_5f2e9b1d77aa";

fn quick() -> Bounds {
    Bounds {
        connect: Duration::from_secs(2),
        idle: Duration::from_millis(300),
        whole: Duration::from_millis(600),
        largest: 10_000,
        chance: || 0.0,
    }
}

fn context() -> Context {
    let id = ConnectionId::parse("shop").unwrap();
    Context::new(id, serde_json::Map::new(), PathBuf::new(), Clock::system())
}

fn floor(url: &str) -> Http {
    within(url, |_| None)
}

fn within(url: &str, verdict: Verdict) -> Http {
    Http::within(Base::parse(url).unwrap(), &context(), verdict, quick()).unwrap()
}

fn get() -> Request {
    Request::get("products").query("page", 1).basic("ck_user", SECRET)
}

fn post() -> Request {
    Request::post("products")
        .json(&value!({ "name": "Mug" }))
        .basic("ck_user", SECRET)
}

/// What a reader gets who is told `script`, and after how many calls.
async fn check_read(script: Vec<Say>, calls: usize, wanted: Result<&str, (Class, &str)>) {
    let told = format!("{script:?}");
    let shop = Shop::saying(script).await;
    let answered = floor(&shop.url()).read(get()).await;
    assert_eq!(shop.heard().len(), calls, "{answered:?} of {told}");
    match (answered, wanted) {
        (Ok(response), Ok(body)) => assert_eq!(response.body, body),
        (Err(error), Err((class, words))) => {
            assert_eq!(error.class, class, "{error} of {told}");
            assert!(error.message.contains(words), "{error} of {told}");
            assert!(!error.message.contains(SECRET), "{error}");
        }
        (answered, wanted) => panic!("{answered:?} instead of {wanted:?}"),
    }
}

#[tokio::test]
async fn a_status_decides_what_a_read_comes_to() {
    let error = r#"{"message":"<p>Sorry,</p>\n\n no &amp; cs_5f2e9b1d77aa"}"#;
    check_read(vec![json("200 OK", "[1]")], 1, Ok("[1]")).await;
    for (status, class, words) in [
        ("400 Bad Request", Class::Rejected, "says: Sorry, no & •••"),
        ("401 Unauthorized", Class::Auth, "check the key and secret"),
        ("403 Forbidden", Class::Auth, "permission to read and to write"),
        ("404 Not Found", Class::Missing, "says: Sorry"),
        ("405 Method Not Allowed", Class::Protocol, "check `url`"),
        ("409 Conflict", Class::Rejected, "says: Sorry"),
        ("410 Gone", Class::Missing, "says: Sorry"),
        ("413 Content Too Large", Class::Rejected, "raise the limit"),
        ("422 Unprocessable Content", Class::Rejected, "says: Sorry"),
        ("501 Not Implemented", Class::Rejected, "cannot do this"),
    ] {
        check_read(vec![json(status, error)], 1, Err((class, words))).await;
    }
    for (status, class, words) in [
        ("408 Request Timeout", Class::Unavailable, "tried again"),
        ("429 Too Many Requests", Class::RateLimited, "more slowly"),
        (
            "500 Internal Server Error",
            Class::Unavailable,
            "trouble of its own (500)",
        ),
        ("502 Bad Gateway", Class::Unavailable, "trouble of its own (502)"),
        (
            "503 Service Unavailable",
            Class::Unavailable,
            "trouble of its own (503)",
        ),
        (
            "504 Gateway Timeout",
            Class::Unavailable,
            "trouble of its own (504)",
        ),
    ] {
        check_read(vec![json(status, error)], 4, Err((class, words))).await;
        check_read(vec![json(status, error), json("200 OK", "[2]")], 2, Ok("[2]")).await;
    }
}

#[tokio::test]
async fn a_web_page_is_told_apart_from_an_answer() {
    let page = "<!DOCTYPE html><html><title>Log in</title></html>";
    let shop = Shop::saying([html("200 OK", page)]).await;
    let answered = floor(&shop.url()).read(get()).await.unwrap();
    let error = answered.json::<Value>().unwrap_err();
    assert_eq!(error.class, Class::Protocol);
    assert!(error.message.contains("a web page instead of data"), "{error}");
    check_read(
        vec![html("404 Not Found", page)],
        1,
        Err((Class::Protocol, "no interface for programs")),
    )
    .await;
    check_read(
        vec![html("403 Forbidden", page)],
        1,
        Err((Class::Auth, "a firewall")),
    )
    .await;
    check_read(
        vec![html("503 Service Unavailable", page), json("200 OK", "{}")],
        2,
        Ok("{}"),
    )
    .await;
    for (body, words) in [
        ("", "answered nothing"),
        ("{\"a\":", "broke off"),
        ("{\"a\":1,,}", "does not understand"),
    ] {
        let shop = Shop::saying([says("200 OK", "content-type: text/plain\n", body.as_bytes())]).await;
        let answered = floor(&shop.url()).read(get()).await.unwrap();
        let error = answered.json::<Value>().unwrap_err();
        assert!(error.message.contains(words), "{error} of {body:?}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_read_again() {
    let good = || json("200 OK", "[3]");
    let shorter = |body: &str| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n";
        Say::Bytes([head.as_bytes(), body.as_bytes()].concat())
    };
    check_read(vec![shorter("[1,2"), good()], 2, Ok("[3]")).await;
    check_read(vec![shorter("")], 4, Err((Class::Unavailable, "broke off"))).await;
    check_read(vec![json("200 OK", "[{\"id\":1},"), good()], 2, Ok("[3]")).await;
    check_read(
        vec![json("200 OK", "{\"a\":1}<b>Fatal error</b>"), good()],
        2,
        Ok("[3]"),
    )
    .await;
    check_read(vec![Say::Hangup, good()], 2, Ok("[3]")).await;
    let half = pack(b"[1,2,3,4]");
    let half = says("200 OK", "content-encoding: gzip\n", &half[..half.len() / 2]);
    check_read(vec![half, good()], 2, Ok("[3]")).await;
    check_read(
        vec![Say::Bytes(b"SSH-2.0-OpenSSH\r\n".to_vec())],
        1,
        Err((Class::Protocol, "no web server")),
    )
    .await;
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[tokio::test]
async fn an_answer_is_unpacked_and_never_grows_beyond_its_bound() {
    let packed = |bytes: &[u8]| {
        says(
            "200 OK",
            "content-encoding: gzip\ncontent-type: application/json\n",
            &pack(bytes),
        )
    };
    check_read(vec![packed(b"[1,2,3]")], 1, Ok("[1,2,3]")).await;
    check_read(
        vec![packed(&[b' '; 10_001])],
        1,
        Err((Class::Protocol, "which is not read")),
    )
    .await;
    check_read(
        vec![json("200 OK", &" ".repeat(10_001))],
        1,
        Err((Class::Protocol, "which is not read")),
    )
    .await;
    let shop = Shop::saying([packed(b"{}")]).await;
    floor(&shop.url()).read(get()).await.unwrap();
    let heard = shop.heard().remove(0).to_lowercase();
    assert!(heard.starts_with("get /products?page=1 http/1.1"), "{heard}");
    assert!(
        heard.contains("accept-encoding: gzip\r\n") && heard.contains("user-agent: click2sync/"),
        "{heard}"
    );
    assert!(heard.contains("authorization: basic "), "{heard}");
}

#[tokio::test]
async fn a_write_is_repeated_only_where_it_certainly_was_not_looked_at() {
    #[derive(Debug, PartialEq)]
    enum Comes {
        Done,
        Refused(Class),
        Unclear(Class),
    }
    let check = async |script: Vec<Say>, calls: usize, comes: Comes| {
        let told = format!("{script:?}");
        let shop = Shop::saying(script).await;
        let found = match floor(&shop.url()).write(post()).await {
            Ok(_) => Comes::Done,
            Err(Failure::Refused(error)) => Comes::Refused(error.class),
            Err(Failure::Unclear(error)) => Comes::Unclear(error.class),
        };
        assert_eq!((shop.heard().len(), found), (calls, comes), "{told}");
        assert!(
            shop.heard()[0].ends_with("\r\n\r\n{\"name\":\"Mug\"}"),
            "{:?}",
            shop.heard()
        );
    };
    let good = || json("201 Created", "{}");
    check(vec![good()], 1, Comes::Done).await;
    check(vec![json("429 Too Many Requests", "{}"), good()], 2, Comes::Done).await;
    check(
        vec![json("429 Too Many Requests", "{}")],
        4,
        Comes::Refused(Class::RateLimited),
    )
    .await;
    let maintenance = |seconds| {
        says(
            "503 Service Unavailable",
            &format!("retry-after: {seconds}\n"),
            b"",
        )
    };
    check(vec![maintenance(0), good()], 2, Comes::Done).await;
    check(vec![maintenance(600)], 1, Comes::Refused(Class::Unavailable)).await;
    for status in [
        "500 Oh",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
        "408 Late",
    ] {
        check(
            vec![json(status, "{}"), good()],
            1,
            Comes::Unclear(Class::Unavailable),
        )
        .await;
    }
    for (status, class) in [
        ("400 Bad", Class::Rejected),
        ("401 No", Class::Auth),
        ("404 Gone", Class::Missing),
        ("409 Twice", Class::Rejected),
        ("413 Large", Class::Rejected),
    ] {
        check(vec![json(status, "{}"), good()], 1, Comes::Refused(class)).await;
    }
    check(vec![Say::Hangup, good()], 1, Comes::Unclear(Class::Unavailable)).await;
    check(vec![Say::Nothing, good()], 1, Comes::Unclear(Class::Unavailable)).await;
    check(
        vec![json("200 OK", "{\"id\":"), good()],
        1,
        Comes::Unclear(Class::Unavailable),
    )
    .await;
    let elsewhere = says("301 Moved", "location: https://www.shop.example/products\n", b"");
    check(vec![elsewhere, good()], 1, Comes::Refused(Class::Protocol)).await;
}

#[tokio::test]
async fn a_platforms_own_verdict_comes_before_the_status() {
    fn verdict(response: &Response) -> Option<ConnectorError> {
        let said: Value = serde_json::from_slice(&response.body).ok()?;
        match said.pointer("/errors/0/extensions/code")?.as_str()? {
            "THROTTLED" => Some(ConnectorError {
                class: Class::RateLimited,
                message: "slow down".to_owned(),
                retry_after: None,
            }),
            "TAKEN" => Some(ConnectorError::new(
                Class::Rejected,
                format!("taken, says {SECRET}"),
            )),
            _ => None,
        }
    }
    let error = |code: &str| {
        json(
            "200 OK",
            &value!({"errors": [{"extensions": {"code": code}}]}).to_string(),
        )
    };
    let shop = Shop::saying([error("THROTTLED"), json("200 OK", "{}")]).await;
    assert!(within(&shop.url(), verdict).write(post()).await.is_ok());
    assert_eq!(shop.heard().len(), 2);
    let shop = Shop::saying([error("TAKEN")]).await;
    let refused = within(&shop.url(), verdict).write(post()).await.unwrap_err();
    assert_eq!(
        refused,
        Failure::Refused(ConnectorError::new(Class::Rejected, "taken, says •••"))
    );
    let shop = Shop::saying([json("400 Bad Request", "{\"resource_id\":35}")]).await;
    let taken = within(&shop.url(), verdict)
        .write(post().taking(StatusCode::BAD_REQUEST))
        .await;
    assert_eq!(
        taken.unwrap().json::<Value>().unwrap(),
        value!({"resource_id": 35})
    );
}

#[tokio::test]
async fn what_cannot_be_reached_says_what_to_do_about_it() {
    let check = async |url: &str, class: Class, words: &str| {
        let error = floor(url).read(get().hurried()).await.unwrap_err();
        assert_eq!(error.class, class, "{error} at {url}");
        assert!(error.message.contains(words), "{error} at {url}");
        assert!(!error.message.contains(SECRET), "{error}");
        floor(url).write(post().hurried()).await.unwrap_err()
    };
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let failure = check(
        &format!("http://{closed}"),
        Class::Unavailable,
        "connection refused",
    )
    .await;
    assert!(matches!(failure, Failure::Refused(_)), "{failure:?}");
    let failure = check(
        "http://no-such-shop.invalid",
        Class::Unavailable,
        "No name server knows no-such-shop.invalid",
    )
    .await;
    assert!(matches!(failure, Failure::Refused(_)), "{failure:?}");
    let shop = Shop::saying([json("200 OK", "{}")]).await;
    let failure = check(
        &format!("https://{}", shop.address),
        Class::Unavailable,
        "does not speak https",
    )
    .await;
    assert!(matches!(failure, Failure::Refused(_)), "{failure:?}");
    let shop = Shop::saying([Say::Nothing]).await;
    check(&shop.url(), Class::Unavailable, "took too long to answer").await;
    assert_eq!(shop.heard().len(), 2, "in a hurry each is made once");
}

#[tokio::test]
async fn credentials_go_nowhere_but_to_their_own_host() {
    let other = Shop::saying([json("200 OK", "{}")]).await;
    let to = |status: &str, place: &str| says(status, &format!("location: {place}\n"), b"");
    let away = format!("{}/products", other.url());
    check_read(
        vec![to("302 Found", &away)],
        1,
        Err((Class::Protocol, "credentials go nowhere else")),
    )
    .await;
    assert_eq!(other.heard().len(), 0);
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        check_read(
            vec![to(status, "/elsewhere?page=1"), json("200 OK", "[4]")],
            2,
            Ok("[4]"),
        )
        .await;
    }
    check_read(
        vec![to("302 Found", "/round")],
        5,
        Err((Class::Protocol, "in a circle")),
    )
    .await;
    check_read(
        vec![says("302 Found", "", b"")],
        1,
        Err((Class::Protocol, "without saying where")),
    )
    .await;
    let shop = Shop::saying([to("308 Permanent", "/new"), json("200 OK", "{}")]).await;
    floor(&shop.url()).write(post()).await.unwrap();
    assert!(shop.heard()[1].starts_with("POST /new ") && shop.heard()[1].ends_with("{\"name\":\"Mug\"}"));
}

#[tokio::test]
async fn every_attempt_is_signed_anew_and_its_signature_is_a_secret() {
    let shop = Shop::saying([
        json("503 Busy", "{}"),
        json("400 Bad", "{\"message\":\"bad signature-2 for ck_user\"}"),
    ])
    .await;
    let counter = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counts = Arc::clone(&counter);
    let address = format!("{}/products", shop.url());
    let signer: Signer = Arc::new(move |unsigned| {
        assert_eq!(
            (unsigned.method, unsigned.address),
            (&Method::GET, address.as_str())
        );
        assert_eq!(unsigned.query, [("page".to_owned(), "1".to_owned())]);
        let nonce = counts.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        vec![("oauth_signature".to_owned(), format!("signature-{nonce}"))]
    });
    let call = Request::get("products")
        .query("page", 1)
        .signed_by(signer)
        .secret("ck_user");
    let error = floor(&shop.url()).read(call).await.unwrap_err();
    assert_eq!(error.message, format!("{} says: bad ••• for •••", shop.address));
    let heard = shop.heard();
    assert!(
        heard[0].contains("?page=1&oauth_signature=signature-1 "),
        "{heard:?}"
    );
    assert!(
        heard[1].contains("?page=1&oauth_signature=signature-2 "),
        "{heard:?}"
    );
}

#[tokio::test]
async fn a_platform_that_wants_to_be_left_alone_is_left_alone_by_every_call() {
    let busy = says("429 Too Many Requests", "retry-after: 1\n", b"{}");
    let shop = Shop::saying([busy, json("200 OK", "[5]")]).await;
    let http = floor(&shop.url());
    let began = Instant::now();
    assert!(http.read(get()).await.is_ok());
    assert!(began.elapsed() >= Duration::from_secs(1));
    let long = says("503 Service Unavailable", "retry-after: 600\n", b"");
    let shop = Shop::saying([long, json("200 OK", "[5]")]).await;
    let http = floor(&shop.url());
    let error = http.read(get()).await.unwrap_err();
    assert_eq!(error.retry_after, Some(Duration::from_secs(600)));
    let error = http.read(get()).await.unwrap_err();
    assert_eq!((error.class, shop.heard().len()), (Class::RateLimited, 1));
    assert!(error.message.contains("left alone for another 5"), "{error}");
    assert!(error.retry_after > Some(Duration::from_secs(590)), "{error:?}");
}

#[tokio::test]
async fn what_went_over_the_floor_is_counted() {
    let shop = Shop::saying([
        json("200 OK", "{}"),
        json("404 No", "{}"),
        json("503 Busy", "{}"),
        Say::Hangup,
        json("200 OK", "{}"),
    ])
    .await;
    let http = floor(&shop.url());
    http.read(get()).await.unwrap();
    http.read(get()).await.unwrap_err();
    http.read(get()).await.unwrap();
    let counted = http.traffic().counted();
    assert_eq!(
        (counted.answered, counted.unanswered, counted.calls()),
        ([0, 2, 0, 1, 1], 1, 5)
    );
    assert!(counted.at_once >= 1);
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let call = get()
        .bearer("token-31415")
        .secret_header("vendure-api-key", "api-27182");
    let http = floor("https://shop.example");
    let signer: Signer = Arc::new(|_| Vec::new());
    let shown = format!(
        "{call:?} {http:?} {:?}",
        post().signed_by(signer).query("key", SECRET)
    );
    for secret in [SECRET, "token-31415", "api-27182", "ck_user", "Basic"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(
        shown.contains("products") && shown.contains("shop.example"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_picture_is_fetched_from_the_shop_itself_or_from_public_places() {
    let png = || says("200 OK", "content-type: image/png\n", b"\x89PNG");
    let shop = Shop::saying([png()]).await;
    let http = floor(&shop.url());
    assert_eq!(
        http.picture(&format!("{}/mug.png", shop.url())).await.unwrap(),
        &b"\x89PNG"[..]
    );
    assert!(
        !shop.heard()[0].to_lowercase().contains("authorization"),
        "{:?}",
        shop.heard()
    );
    let other = Shop::saying([png()]).await;
    let port = other.address.port();
    let redirect = says("302 Found", &format!("location: {}/metadata\n", other.url()), b"");
    let sends_on = Shop::saying([redirect]).await;
    for (http, address, class, words) in [
        (&http, other.url(), Class::Rejected, "within a private network"),
        (
            &http,
            format!("http://localhost:{port}/x?key={SECRET}"),
            Class::Rejected,
            "within a private network",
        ),
        (
            &floor("https://shop.example"),
            other.url(),
            Class::Rejected,
            "within a private network",
        ),
        (
            &floor(&sends_on.url()),
            format!("{}/a.png", sends_on.url()),
            Class::Rejected,
            "within a private network",
        ),
        (
            &http,
            "file:///etc/passwd".to_owned(),
            Class::Rejected,
            "no web address",
        ),
        (&http, "mug.png".to_owned(), Class::Rejected, "no web address"),
    ] {
        let error = http.picture(&address).await.unwrap_err();
        assert_eq!(error.class, class, "{error} at {address}");
        assert!(error.message.contains(words), "{error} at {address}");
        assert!(!error.message.contains(SECRET), "{error}");
    }
    assert_eq!(other.heard().len(), 0);
    // A name of the machine that the shop is at, at the shop's own port, is the shop.
    let named = format!("http://localhost:{}/mug.png", shop.address.port());
    assert!(http.picture(&named).await.is_ok());
}

#[tokio::test]
async fn a_host_that_is_not_there_is_not_looked_for_again_for_every_picture() {
    let http = floor("http://127.0.0.1:1");
    let first = http.picture("http://127.0.0.1:1/a.png").await.unwrap_err();
    assert_eq!(first.class, Class::Unavailable);
    let calls = http.traffic().counted().calls();
    let second = http.picture("http://127.0.0.1:1/b.png").await.unwrap_err();
    assert_eq!((second, calls), (first, http.traffic().counted().calls()));
}

#[tokio::test]
async fn a_picture_that_is_none_says_so() {
    for (say, class, words) in [
        (
            html("200 OK", "<html>Log in</html>"),
            Class::Rejected,
            "but a page",
        ),
        (json("404 Not Found", "{}"), Class::Missing, "any more"),
        (json("403 Forbidden", "{}"), Class::Rejected, "make it public"),
        (
            json("500 Oh", "{}"),
            Class::Unavailable,
            "did not give the picture",
        ),
        (
            json("418 Teapot", "{}"),
            Class::Rejected,
            "did not give the picture",
        ),
    ] {
        let shop = Shop::saying([say]).await;
        let error = floor(&shop.url())
            .picture(&format!("{}/mug.png", shop.url()))
            .await
            .unwrap_err();
        assert_eq!(error.class, class, "{error}");
        assert!(error.message.contains(words), "{error}");
    }
}
