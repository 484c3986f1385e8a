//! Categories, tags, brands, attributes, pictures and webhooks.

use super::{
    Answer, Fault, State, fault,
    list::{Query, paged},
    save::escaped,
    wire::{Call, created},
};
use serde_json::{Value, json};

pub(super) fn term(id: u64, name: &str, parent: u64) -> Value {
    let slug: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    json!({"id": id, "name": escaped(name), "slug": slug, "parent": parent})
}

impl State {
    pub(super) fn list_terms(&self, kind: &str, query: &Query) -> Result<Answer, Fault> {
        let terms: Vec<&Value> = self.terms[kind].values().collect();
        paged(&terms, query, |term| (*term).clone())
    }

    pub(super) fn made_term(&mut self, kind: &str, given: &Value) -> Result<Answer, Fault> {
        let name = escaped(given["name"].as_str().unwrap_or_default());
        let parent = given["parent"].as_u64().unwrap_or_default();
        let is_it = |term: &&Value| {
            term["parent"] == parent
                && term["name"].as_str().unwrap_or_default().to_lowercase() == name.to_lowercase()
        };
        if let Some(there) = self.terms[kind].values().find(is_it) {
            let message = "A term with the name provided already exists with this parent.";
            return Err(fault(
                400,
                "term_exists",
                message,
                json!({"resource_id": there["id"]}),
            ));
        }
        let id = self.id();
        let term = term(id, &name, parent);
        self.terms
            .get_mut(kind)
            .expect("a kind of terms")
            .insert(id, term.clone());
        Ok(created(term))
    }

    /// A term as a product shows it.
    pub(super) fn shown_terms(&self, kind: &str, ids: &[u64]) -> Value {
        let known = ids.iter().filter_map(|id| self.terms[kind].get(id));
        known
            .map(|term| json!({"id": term["id"], "name": term["name"], "slug": term["slug"]}))
            .collect()
    }

    /// Makes an attribute of the whole shop.
    pub(crate) fn add_attribute(&mut self, name: &str, slug: &str, values: &[&str]) -> u64 {
        let id = self.id();
        let attribute = json!({"id": id, "name": name, "slug": slug, "type": "select", "order_by": "menu_order",
            "has_archives": false});
        let values = values.iter().map(|&value| escaped(value)).collect();
        self.attributes.insert(id, (attribute, values));
        id
    }

    pub(super) fn shop_attributes(&self) -> Value {
        self.attributes
            .values()
            .map(|(attribute, _)| attribute.clone())
            .collect()
    }

    pub(super) fn shown_image(&self, id: u64) -> Value {
        let Some((src, alt)) = self.media.get(&id) else {
            return Value::Null;
        };
        // The local dates are an hour too late.
        json!({"id": id, "src": src, "alt": alt, "name": format!("picture-{id}"), "date_created": "2026-01-01T02:00:00",
            "date_created_gmt": "2026-01-01T00:00:00"})
    }

    pub(super) fn media_called(&self, slug: Option<&str>) -> Value {
        let slug = slug.unwrap_or_default();
        let called = self
            .media
            .iter()
            .filter(|(_, (src, _))| src.contains(&format!("/{slug}.")));
        called
            .map(|(id, (src, _))| json!({"id": id, "source_url": src}))
            .collect()
    }

    pub(super) fn uploaded(&mut self, call: &Call) -> Answer {
        let name = call
            .disposition
            .split('"')
            .nth(1)
            .unwrap_or("picture.png")
            .to_owned();
        let id = self.id();
        let src = self.keep_file(name, call.body.clone());
        self.media.insert(id, (src.clone(), String::new()));
        created(json!({"id": id, "source_url": src}))
    }

    pub(super) fn list_webhooks(&self, query: &Query) -> Result<Answer, Fault> {
        let hooks: Vec<&Value> = self.webhooks.values().collect();
        paged(&hooks, query, |hook| (*hook).clone())
    }

    /// A dead address is none of its worries.
    pub(super) fn made_webhook(&mut self, given: &Value) -> Answer {
        let id = self.id();
        let mut hook = given.clone();
        hook["id"] = id.into();
        self.webhooks.insert(id, hook.clone());
        if let Some(hook) = hook.as_object_mut() {
            hook.remove("secret");
        }
        created(hook)
    }
}
