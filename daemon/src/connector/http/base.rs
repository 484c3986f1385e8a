//! Where a platform is, and places at it as they may be told.

use crate::connector::{Class, ConnectorError};
use reqwest::Url;
use std::fmt;

/// The address that every call of a connection begins with. It holds no secrets: they do not belong into an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(Url);

impl Base {
    /// What somebody wrote as `url` in a `[remote]` table. Without a scheme https is meant.
    pub fn parse(written: &str) -> Result<Self, ConnectorError> {
        let written = written.trim();
        let whole = if written.contains("://") {
            written.to_owned()
        } else {
            format!("https://{written}")
        };
        let wrong = |what: &str| {
            // What was written may hold a password, so it is not repeated.
            let message = format!("`url` in [remote] {what}: write it as in \"https://shop.example\".");
            ConnectorError::new(Class::Rejected, message)
        };
        let Ok(mut url) = Url::parse(&whole) else {
            return Err(wrong("is no web address"));
        };
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong("is no web address"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong(
                "holds a user or password, which belong into keys of their own",
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has more after its `?` or `#`, which belongs elsewhere"));
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self(url))
    }

    /// Whether what is sent there can be read on the way.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The same with more after it: `wp-json/wc/v3`.
    pub fn below(&self, path: &str) -> Self {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{}/", self.0.path(), path.trim_matches('/')));
        Self(url)
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// Where a call goes; its path is always below the base.
    pub(super) fn at(&self, path: &str) -> Result<Url, ConnectorError> {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{}", self.0.path(), path.trim_start_matches('/')));
        if url.path().starts_with(self.0.path()) {
            return Ok(url);
        }
        let message = format!("“{path}” is no place at {}.", Place::of(&self.0));
        Err(ConnectorError::new(Class::Rejected, message))
    }
}

/// A place as it may be shown and logged: scheme, host and path, never a user, a password or a query.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// With its port where that is not the usual one.
    pub(super) host: String,
    pub(super) path: String,
    scheme: String,
}

impl Place {
    pub(super) fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        Self {
            host: match url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            },
            path: url.path().to_owned(),
            scheme: url.scheme().to_owned(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, path, scheme } = self;
        write!(f, "{scheme}://{host}{path}")
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_people_write_it_and_holds_no_secret() {
        for (written, base) in [
            ("https://shop.example", "https://shop.example/"),
            (" shop.example/ ", "https://shop.example/"),
            ("http://127.0.0.1:8080/store", "http://127.0.0.1:8080/store/"),
            ("HTTPS://Shop.Example:443/a/", "https://shop.example/a/"),
        ] {
            assert_eq!(Base::parse(written).unwrap().as_str(), base, "{written}");
        }
        for (written, what) in [
            ("", "no web address"),
            ("ftp://shop.example", "no web address"),
            ("https://ck_1:cs_SECRET@shop.example", "a user or password"),
            ("https://shop.example/?consumer_secret=cs_SECRET", "after its `?`"),
            ("https://sho p/cs_SECRET", "no web address"),
        ] {
            let error = Base::parse(written).unwrap_err();
            assert!(error.message.contains(what), "{error} of {written}");
            assert!(!error.message.contains("SECRET"), "{error}");
        }
    }

    #[test]
    fn a_call_stays_below_its_base() {
        let base = Base::parse("https://shop.example/store")
            .unwrap()
            .below("/wp-json/wc/v3");
        assert_eq!(base.as_str(), "https://shop.example/store/wp-json/wc/v3/");
        assert_eq!(
            base.at("products/1").unwrap().as_str(),
            "https://shop.example/store/wp-json/wc/v3/products/1"
        );
        assert_eq!(
            base.at("/products").unwrap().path(),
            "/store/wp-json/wc/v3/products"
        );
        assert_eq!(
            base.at("products?x=1#y").unwrap().path(),
            "/store/wp-json/wc/v3/products%3Fx=1%23y"
        );
        assert!(base.at("../../../admin").is_err());
        let place = Place::of(&Url::parse("https://u:p@shop.example:8443/a?key=1#f").unwrap());
        assert_eq!(place.to_string(), "https://shop.example:8443/a");
    }
}
