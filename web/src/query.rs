//! What a list shows, as its address says it: `/products?set=on:main&q=hoodie`.

use shared::ids::{ItemId, Kind};
use web_sys::UrlSearchParams;

/// The address of the list of products, or of orders, without what it is narrowed to.
pub(crate) fn path(kind: Kind) -> &'static str {
    match kind {
        Kind::Products => "/products",
        Kind::Orders => "/orders",
    }
}

/// What a page is about that is a list, or lies below one.
pub(crate) fn kind_of(pathname: &str) -> Option<Kind> {
    let inside = |kind: &Kind| {
        let rest = pathname.strip_prefix(path(*kind));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    [Kind::Products, Kind::Orders].into_iter().find(inside)
}

/// Sets that must all hold, and a text to find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) kind: Kind,
    pub(crate) sets: Vec<String>,
    pub(crate) text: String,
}

impl Query {
    /// All products, or all orders.
    pub(crate) fn all(kind: Kind) -> Self {
        Self {
            kind,
            sets: Vec::new(),
            text: String::new(),
        }
    }

    /// Reads the part of an address after its question mark.
    pub(crate) fn parse(kind: Kind, search: &str) -> Self {
        let Ok(parameters) = UrlSearchParams::new_with_str(search) else {
            return Self::all(kind);
        };
        Self {
            kind,
            sets: parameters
                .get_all("set")
                .iter()
                .filter_map(|set| set.as_string())
                .collect(),
            text: parameters.get("q").unwrap_or_default(),
        }
    }

    /// The list's address in the console.
    pub(crate) fn address(&self) -> String {
        match self.parameters().as_str() {
            "" => path(self.kind).to_owned(),
            parameters => format!("{}?{parameters}", path(self.kind)),
        }
    }

    /// As parameters of an address, without question mark; empty for all.
    pub(crate) fn parameters(&self) -> String {
        let mut parameters: Vec<_> = self
            .sets
            .iter()
            .map(|set| format!("set={}", encode(set)))
            .collect();
        if !self.text.is_empty() {
            parameters.push(format!("q={}", encode(&self.text)));
        }
        parameters.join("&")
    }

    /// Another set that must hold as well.
    pub(crate) fn with(mut self, set: String) -> Self {
        if !self.sets.contains(&set) {
            self.sets.push(set);
        }
        self
    }

    pub(crate) fn without(mut self, set: &str) -> Self {
        self.sets.retain(|own| own != set);
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.text.is_empty()
    }
}

/// A parameter of an address, by the part after its path.
pub(crate) fn parameter(search: &str, name: &str) -> Option<String> {
    UrlSearchParams::new_with_str(search).ok()?.get(name)
}

/// The address of what is in one set.
pub(crate) fn listed(kind: Kind, set: String) -> String {
    Query::all(kind).with(set).address()
}

/// The address of a product or an order.
pub(crate) fn address_of(kind: Kind, id: ItemId) -> String {
    format!("{}/{id}", path(kind))
}

/// Makes a text safe in an address; the colon and the at sign of sets stay readable.
pub(crate) fn encode(text: &str) -> String {
    let text = String::from(js_sys::encode_uri_component(text));
    text.replace("%3A", ":").replace("%40", "@")
}
