//! Products and variations, as they are kept and as they are shown.

use super::State;
use serde_json::{Value, json};

/// A product, or a variation where it has a parent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) id: u64,
    pub(crate) parent_id: u64,
    pub(crate) kind: String,
    /// Names are kept escaped.
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) description: String,
    pub(crate) sku: String,
    pub(crate) gtin: String,
    pub(crate) regular: String,
    pub(crate) sale: String,
    pub(crate) sale_from: String,
    pub(crate) sale_to: String,
    /// A flag, or "parent".
    pub(crate) manage: Value,
    pub(crate) quantity: Option<i64>,
    pub(crate) weight: String,
    pub(crate) categories: Vec<u64>,
    pub(crate) tags: Vec<u64>,
    pub(crate) brands: Vec<u64>,
    pub(crate) images: Vec<u64>,
    pub(crate) attributes: Vec<Value>,
    pub(crate) meta: Vec<Value>,
    /// In seconds.
    pub(crate) created: i64,
    pub(crate) modified: i64,
}

/// For whom a record is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    /// A reader: descriptions in paragraphs, and variations with what they inherit.
    View,
    /// Who wrote: raw texts, and variations with nothing but their own.
    Edit,
}

impl State {
    pub(crate) fn product_view(&self, row: &Row, context: Context) -> Value {
        let variable = row.kind == "variable";
        let children: Vec<u64> = self
            .variations
            .values()
            .filter(|child| child.parent_id == row.id)
            .map(|child| child.id)
            .collect();
        let description = match context {
            Context::View => paragraphs(&row.description),
            Context::Edit => row.description.clone(),
        };
        let mut view = json!({
            "id": row.id, "name": row.name, "slug": format!("product-{}", row.id), "type": row.kind, "status": row.status,
            "permalink": format!("https://shop.example/product/product-{}/", row.id), "description": description,
            "short_description": "", "parent_id": 0, "price_html": "<span>net or gross</span>",
            "categories": self.shown_terms("categories", &row.categories), "tags": self.shown_terms("tags", &row.tags),
            "images": row.images.iter().map(|id| self.shown_image(*id)).collect::<Vec<Value>>(),
            "attributes": row.attributes, "variations": children, "grouped_products": [],
        });
        if self.knobs.brands {
            view["brands"] = self.shown_terms("brands", &row.brands);
        }
        self.put_sold(&mut view, row);
        if variable {
            let prices = children.iter().map(|id| self.variations[id].price());
            let lowest = prices
                .filter(|price| !price.is_empty())
                .min_by(|a, b| number(a).total_cmp(&number(b)));
            view["regular_price"] = "".into();
            view["sale_price"] = "".into();
            view["price"] = lowest.unwrap_or_default().into();
        }
        view
    }

    pub(crate) fn variation_view(&self, row: &Row, context: Context) -> Value {
        let parent = self.products.get(&row.parent_id);
        let mut view = json!({
            "id": row.id, "type": "variation", "parent_id": row.parent_id, "status": row.status,
            "description": row.description, "name": "", "tax_class": if context == Context::Edit { "parent" } else { "" },
            "permalink": format!("https://shop.example/product/product-{}/?v={}", row.parent_id, row.id),
        });
        let is_option = |chosen: &&Value| {
            let mut known = parent.into_iter().flat_map(|parent| &parent.attributes);
            known.any(|known| known["name"] == chosen["name"] && known["variation"] == true)
        };
        view["attributes"] = row.attributes.iter().filter(is_option).cloned().collect();
        let inherited = parent.filter(|_| context == Context::View);
        let image = row.images.first().or_else(|| inherited?.images.first());
        view["image"] = image.map_or(Value::Null, |id| self.shown_image(*id));
        self.put_sold(&mut view, row);
        if let (true, Some(parent)) = (row.weight.is_empty(), inherited) {
            view["weight"] = parent.weight.as_str().into();
        }
        if row.manage == "parent" {
            view["stock_quantity"] = parent.map_or(Value::Null, |parent| json!(parent.quantity));
        }
        view
    }

    /// A variation where products are listed.
    pub(crate) fn as_product(&self, row: &Row) -> Value {
        let mut view = self.variation_view(row, Context::View);
        let parent = self
            .products
            .get(&row.parent_id)
            .map_or("", |parent| &parent.name);
        let options: Vec<&str> = row
            .attributes
            .iter()
            .filter_map(|chosen| chosen["option"].as_str())
            .collect();
        view["name"] = format!("{parent} - {}", options.join(", ")).into();
        view
    }

    fn put_sold(&self, view: &mut Value, row: &Row) {
        let on_sale = row.on_sale(self.now());
        let sold = json!({
            "sku": row.sku, "global_unique_id": row.gtin, "regular_price": row.regular, "sale_price": row.sale,
            "price": row.price(), "on_sale": on_sale, "date_on_sale_from": null_or(&row.sale_from),
            "date_on_sale_from_gmt": null_or(&row.sale_from), "date_on_sale_to": null_or(&row.sale_to),
            "date_on_sale_to_gmt": null_or(&row.sale_to), "manage_stock": row.manage, "stock_quantity": row.quantity,
            "weight": row.weight, "meta_data": row.meta, "date_created_gmt": date(row.created),
            "date_modified": date(row.modified + 3600), "date_modified_gmt": date(row.modified),
        });
        if let (Some(view), Value::Object(sold)) = (view.as_object_mut(), sold) {
            view.extend(sold);
        }
    }
}

impl Row {
    fn price(&self) -> String {
        if self.sale.is_empty() {
            self.regular.clone()
        } else {
            self.sale.clone()
        }
    }

    fn on_sale(&self, now: i64) -> bool {
        let at = |text: &str| {
            format!("{text}Z")
                .parse::<shared::time::Time>()
                .ok()
                .map(|at| at.0 / 1000)
        };
        !self.sale.is_empty()
            && at(&self.sale_from).is_none_or(|from| from <= now)
            && at(&self.sale_to).is_none_or(|to| to >= now)
    }
}

fn null_or(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

pub(super) fn number(text: &str) -> f64 {
    text.parse().unwrap_or_default()
}

pub(super) fn date(seconds: i64) -> String {
    shared::time::Time(seconds * 1000).to_string()[..19].to_owned()
}

/// What readers see of a text: a paragraph for each part between empty lines.
fn paragraphs(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    if text.starts_with("<p") || text.starts_with("<ul") || text.starts_with("<div") {
        return format!("{text}\n");
    }
    let each = text
        .split("\n\n")
        .map(|part| format!("<p>{}</p>\n", part.trim().replace('\n', "<br />\n")));
    each.collect()
}
