//! What a product list shows, as its address says it: `/products?set=on:main&q=hoodie`.

use web_sys::UrlSearchParams;

/// The list's address without what it is narrowed to.
pub(crate) const PATH: &str = "/products";

/// Sets that must all hold, and a text to find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) sets: Vec<String>,
    pub(crate) text: String,
}

impl Query {
    /// Reads the part of an address after its question mark.
    pub(crate) fn parse(search: &str) -> Self {
        let Ok(parameters) = UrlSearchParams::new_with_str(search) else {
            return Self::default();
        };
        Self {
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
            "" => PATH.to_owned(),
            parameters => format!("{PATH}?{parameters}"),
        }
    }

    /// As parameters of an address, without question mark; empty for all products.
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

/// The address of the products in one set.
pub(crate) fn products_in(set: String) -> String {
    Query::default().with(set).address()
}

/// Makes a text safe in an address; the colon and the at sign of sets stay readable.
pub(crate) fn encode(text: &str) -> String {
    let text = String::from(js_sys::encode_uri_component(text));
    text.replace("%3A", ":").replace("%40", "@")
}
