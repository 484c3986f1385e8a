//! The console, embedded in the binary: compressed, and named by content so that browsers keep it for ever.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use std::io::Read as _;

/// Answers a GET or HEAD of one of the console's files or pages. `None`: there is nothing at this path.
///
/// The console routes by itself, so every path that does not look like a file is answered with its one page.
pub fn answer(path: &str, asked: &HeaderMap) -> Option<Response<Bytes>> {
    let asset = find(path)?;
    let mut answer = Response::new(Bytes::new());
    let headers = answer.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_static(asset.etag));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(asset.keep.header()),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if asset.keep == Keep::Asking {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(PAGE_POLICY),
        );
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    }
    if asked
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known == asset.etag)
    {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        return Some(answer);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    let encoding = Encoding::chosen(asked);
    if let Some(name) = encoding.name() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    *answer.body_mut() = asset.bytes(encoding);
    Some(answer)
}

/// Scripts, styles and data come from this daemon alone. Styles may be set on single elements, as progress rings
/// and bars need; nothing may frame the page.
const PAGE_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; object-src 'none'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// One embedded file.
#[derive(Debug)]
struct Asset {
    path: &'static str,
    media_type: &'static str,
    etag: &'static str,
    keep: Keep,
    brotli: &'static [u8],
    gzip: &'static [u8],
}

// `ASSETS`, written by the build script.
include!(env!("CONSOLE_ASSETS"));

/// How long a browser may keep a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    /// Its name says its content.
    ForEver,
    /// It is asked for each time; unchanged, it is not sent again.
    Asking,
}

impl Keep {
    fn header(self) -> &'static str {
        match self {
            Self::ForEver => "public, max-age=31536000, immutable",
            Self::Asking => "no-cache",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Brotli,
    Gzip,
    Plain,
}

impl Encoding {
    /// The smallest that the asker takes.
    fn chosen(asked: &HeaderMap) -> Self {
        let takes = |name: &str| {
            asked
                .get_all(header::ACCEPT_ENCODING)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .any(|value| {
                    value.split(',').any(|offer| {
                        let (offered, weight) = offer.split_once(';').unwrap_or((offer, "q=1"));
                        let weight = weight
                            .trim()
                            .strip_prefix("q=")
                            .and_then(|weight| weight.parse::<f32>().ok());
                        offered.trim().eq_ignore_ascii_case(name) && weight.is_none_or(|weight| weight > 0.0)
                    })
                })
        };
        if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Plain
        }
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Plain => None,
        }
    }
}

impl Asset {
    fn bytes(&self, encoding: Encoding) -> Bytes {
        match encoding {
            Encoding::Brotli => Bytes::from_static(self.brotli),
            Encoding::Gzip => Bytes::from_static(self.gzip),
            Encoding::Plain => {
                let mut plain = Vec::new();
                let mut unpacked = flate2::read::GzDecoder::new(self.gzip);
                unpacked
                    .read_to_end(&mut plain)
                    .expect("the build script wrote it whole");
                plain.into()
            }
        }
    }
}

fn find(path: &str) -> Option<&'static Asset> {
    let last = path.rsplit('/').next().unwrap_or_default();
    let wanted = if last.contains('.') { path } else { "/index.html" };
    ASSETS.iter().find(|asset| asset.path == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str, name: header::HeaderName, value: &str) -> Option<Response<Bytes>> {
        let mut asked = HeaderMap::new();
        asked.insert(name, value.parse().expect("a header"));
        answer(path, &asked)
    }

    #[test]
    fn the_smallest_encoding_that_the_asker_takes_is_chosen() {
        let check = |accepted: &str, expected: Option<&str>| {
            let answer = get("/", header::ACCEPT_ENCODING, accepted).expect("the page");
            let encoding = answer
                .headers()
                .get(header::CONTENT_ENCODING)
                .map(|name| name.to_str().expect("text"));
            assert_eq!(encoding, expected, "{accepted}");
        };
        check("gzip, deflate, br, zstd", Some("br"));
        check("gzip;q=0.5, BR;q=0.1", Some("br"));
        check("br;q=0, gzip", Some("gzip"));
        check("deflate, brotli", None);
        check("", None);
    }

    #[test]
    fn without_compression_the_page_is_html() {
        let page = answer("/", &HeaderMap::new()).expect("the page");
        assert!(page.body().starts_with(b"<!doctype html>"), "{:?}", page.body());
        assert_eq!(page.headers()[header::CACHE_CONTROL], "no-cache");
    }

    #[test]
    fn an_unchanged_page_is_not_sent_again() {
        let first = answer("/", &HeaderMap::new()).expect("the page");
        let tag = first.headers()[header::ETAG].to_str().expect("text");
        let again = get("/", header::IF_NONE_MATCH, tag).expect("the page");
        assert_eq!(
            (again.status(), again.body().len()),
            (StatusCode::NOT_MODIFIED, 0)
        );
        let other = get("/", header::IF_NONE_MATCH, "W/\"other\"").expect("the page");
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[test]
    fn every_path_is_the_page_unless_it_looks_like_a_file() {
        for path in ["/", "/products", "/products/0192aa", "/connections/main-shop/"] {
            assert!(answer(path, &HeaderMap::new()).is_some(), "{path}");
        }
        for path in ["/favicon.ico", "/assets/web-0.js", "/products/../etc/passwd.txt"] {
            assert!(answer(path, &HeaderMap::new()).is_none(), "{path}");
        }
    }
}
