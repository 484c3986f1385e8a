//! Writes: what the shop makes of what it is given. Single calls are checked, batches are not.

use super::{
    Answer, Fault, State,
    catalogue::{Context, Row, number},
    fault, faulty,
    wire::{created, ok},
};
use serde_json::{Map, Value, json};

/// Whether types are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strict {
    Yes,
    No,
}

/// What a batch is of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Products,
    /// Of the product of this id.
    Variations(u64),
}

/// The most items of a batch.
const MOST: usize = 100;

impl State {
    pub(super) fn made_product(&mut self, given: &Value) -> Result<Answer, Fault> {
        let id = self.save_product(None, given, Strict::Yes)?;
        Ok(created(self.product_view(&self.products[&id], Context::Edit)))
    }

    pub(super) fn changed_product(&mut self, id: u64, given: &Value) -> Result<Answer, Fault> {
        let id = self.save_product(Some(id), given, Strict::Yes)?;
        Ok(ok(self.product_view(&self.products[&id], Context::Edit)))
    }

    pub(super) fn one_product(&self, id: u64) -> Result<Answer, Fault> {
        match (self.products.get(&id), self.variations.get(&id)) {
            (Some(row), _) => Ok(ok(self.product_view(row, Context::View))),
            (None, Some(row)) => Ok(ok(self.as_product(row))),
            (None, None) => Err(fault(
                404,
                "woocommerce_rest_product_invalid_id",
                "Invalid ID.",
                json!({}),
            )),
        }
    }

    pub(super) fn batch(&mut self, given: &Value, kind: Kind) -> Result<Answer, Fault> {
        let items = |name: &str| given[name].as_array().cloned().unwrap_or_default();
        let (create, update) = (items("create"), items("update"));
        if create.len() + update.len() > MOST {
            return Err(fault(
                413,
                "woocommerce_rest_request_entity_too_large",
                "Unable to accept more than 100 items for this request.",
                json!({}),
            ));
        }
        if create.is_empty() && update.is_empty() {
            // An empty list, where an object would be expected.
            return Ok(ok(json!([])));
        }
        let mut answer = Map::new();
        for (name, items) in [("create", create), ("update", update)] {
            if items.is_empty() {
                continue;
            }
            let answered: Vec<Value> = items
                .iter()
                .map(|item| {
                    let id = (name == "update").then(|| item["id"].as_u64().unwrap_or_default());
                    let saved = match kind {
                        Kind::Products => self.save_product(id, item, Strict::No),
                        Kind::Variations(product) => self.save_variation(product, id, item),
                    };
                    match (saved, kind) {
                        (Ok(id), Kind::Products) => self.product_view(&self.products[&id], Context::Edit),
                        (Ok(id), Kind::Variations(_)) => {
                            self.variation_view(&self.variations[&id], Context::Edit)
                        }
                        (Err(refused), _) => json!({"id": id.unwrap_or_default(), "error": faulty(&refused)}),
                    }
                })
                .collect();
            answer.insert(name.to_owned(), answered.into());
        }
        Ok(ok(answer))
    }

    /// Makes or changes a product, and answers its id.
    pub(super) fn save_product(
        &mut self,
        id: Option<u64>,
        given: &Value,
        strict: Strict,
    ) -> Result<u64, Fault> {
        if strict == Strict::Yes {
            check_types(given)?;
        }
        let now = self.now();
        let mut row = match id {
            None => Row {
                name: "Product".to_owned(),
                kind: "simple".to_owned(),
                status: "publish".to_owned(),
                manage: false.into(),
                categories: vec![15],
                created: now,
                ..Row::default()
            },
            Some(id) if self.variations.contains_key(&id) => {
                return Err(fault(
                    404,
                    "woocommerce_rest_invalid_product_id",
                    "To manipulate product variations you should use the /products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint.",
                    json!({}),
                ));
            }
            Some(id) => self.products.get(&id).cloned().ok_or_else(|| {
                fault(
                    400,
                    "woocommerce_rest_product_invalid_id",
                    "Invalid ID.",
                    json!({}),
                )
            })?,
        };
        if let Some(kind) = given["type"].as_str() {
            kind.clone_into(&mut row.kind);
        }
        if let Some(name) = given["name"].as_str() {
            row.name = escaped(name);
        }
        if let Some(text) = given["description"].as_str() {
            text.clone_into(&mut row.description);
        }
        if let Some(status) = given["status"].as_str() {
            let known = ["publish", "draft", "pending", "private"].contains(&status);
            let status = if known { status } else { "draft" };
            status.clone_into(&mut row.status);
        }
        if let Some(ids) = given["categories"].as_array() {
            row.categories = self.known_terms("categories", ids);
            if row.categories.is_empty() {
                row.categories = vec![15];
            }
        }
        if let Some(ids) = given["tags"].as_array() {
            row.tags = self.known_terms("tags", ids);
        }
        if let Some(ids) = given["brands"].as_array() {
            row.brands = self.known_terms("brands", ids);
        }
        if let Some(list) = given["attributes"].as_array() {
            row.attributes = self.set_attributes(list);
        }
        match &given["images"] {
            Value::Null => {}
            Value::Array(images) => row.images = self.set_images(images)?,
            _ => row.images = Vec::new(),
        }
        self.set_sold(&mut row, given)?;
        if id.is_none() {
            row.id = self.id();
        }
        row.modified = now;
        let id = row.id;
        self.products.insert(id, row);
        Ok(id)
    }

    /// Makes or changes a variation, and answers its id. Its product counts as changed too.
    pub(super) fn save_variation(
        &mut self,
        product: u64,
        id: Option<u64>,
        given: &Value,
    ) -> Result<u64, Fault> {
        let now = self.now();
        let mut row = match id {
            None => Row {
                kind: "variation".to_owned(),
                status: "publish".to_owned(),
                manage: false.into(),
                parent_id: product,
                created: now,
                ..Row::default()
            },
            Some(id) => {
                let known = self.variations.get(&id).filter(|row| row.parent_id == product);
                known.cloned().ok_or_else(|| {
                    fault(
                        400,
                        "woocommerce_rest_product_variation_invalid_id",
                        "Invalid ID.",
                        json!({}),
                    )
                })?
            }
        };
        if let Some(list) = given["attributes"].as_array() {
            row.attributes = self.choose(product, list);
        }
        match &given["image"] {
            Value::Null => {}
            Value::Object(image) if !image.is_empty() => {
                row.images = self.set_images(&[Value::Object(image.clone())])?;
            }
            _ => row.images = Vec::new(),
        }
        self.set_sold(&mut row, given)?;
        if id.is_none() {
            row.id = self.id();
        }
        row.modified = now;
        let id = row.id;
        self.variations.insert(id, row);
        if let Some(parent) = self.products.get_mut(&product) {
            parent.modified = now;
        }
        Ok(id)
    }

    /// Takes from stock, as an order does.
    pub(super) fn sell(&mut self, id: u64, quantity: i64) {
        let now = self.now();
        let row = self
            .products
            .get_mut(&id)
            .or_else(|| self.variations.get_mut(&id));
        let row = row.expect("it is there");
        row.quantity = row.quantity.map(|counted| counted - quantity);
        row.modified = now;
        let parent = row.parent_id;
        if let Some(parent) = self.products.get_mut(&parent) {
            parent.modified = now;
        }
    }

    fn set_sold(&mut self, row: &mut Row, given: &Value) -> Result<(), Fault> {
        if let Some(sku) = given["sku"].as_str() {
            let sku = cleaned(sku);
            self.check_sku(row.id, &sku)?;
            row.sku = sku;
        }
        if let Some(gtin) = given["global_unique_id"].as_str() {
            let gtin: String = gtin.chars().filter(|c| c.is_ascii_digit() || *c == '-').collect();
            let mut rows = self.products.values().chain(self.variations.values());
            let holder = rows.find(|other| other.id != row.id && !gtin.is_empty() && other.gtin == gtin);
            if let Some(holder) = holder {
                return Err(fault(
                    400,
                    "product_invalid_global_unique_id",
                    "Invalid or duplicated GTIN, UPC, EAN or ISBN.",
                    json!({"resource_id": holder.id, "unique_gtin": gtin}),
                ));
            }
            row.gtin = gtin;
        }
        if row.kind != "variable" {
            price(&given["regular_price"], &mut row.regular);
            price(&given["sale_price"], &mut row.sale);
            if !row.sale.is_empty() && number(&row.sale) >= number(&row.regular) {
                row.sale = String::new();
            }
            for (name, date) in [
                ("date_on_sale_from", &mut row.sale_from),
                ("date_on_sale_to", &mut row.sale_to),
            ] {
                // null does not clear, a blank does.
                if let Some(given) = given[name].as_str() {
                    given.trim_end_matches('Z').clone_into(date);
                }
            }
        }
        match &given["manage_stock"] {
            Value::Null => {}
            given if *given == "parent" => row.manage = given.clone(),
            given => {
                let managed = *given == true || *given == "yes" || *given == "true";
                row.manage = managed.into();
                if !managed {
                    row.quantity = None;
                }
            }
        }
        if row.manage == true
            && let Some(given) = given.get("stock_quantity")
        {
            // What is no number counts as none, and fractions go.
            let counted = given
                .as_i64()
                .or_else(|| format!("{:.0}", given.as_f64()?.trunc()).parse().ok());
            row.quantity = Some(counted.or_else(|| given.as_str()?.parse().ok()).unwrap_or(0));
        }
        if let Some(weight) = given["weight"].as_str() {
            row.weight = weight.replace(',', "");
        }
        for meta in given["meta_data"].as_array().into_iter().flatten() {
            let there = row.meta.iter_mut().find(|known| known["key"] == meta["key"]);
            if let Some(known) = there {
                known["value"] = meta["value"].clone();
                continue;
            }
            let id = self.id();
            row.meta
                .push(json!({"id": id, "key": meta["key"], "value": meta["value"]}));
        }
        Ok(())
    }

    fn check_sku(&self, own: u64, sku: &str) -> Result<(), Fault> {
        let mut rows = self.products.values().chain(self.variations.values());
        let holder =
            rows.find(|row| row.id != own && !sku.is_empty() && row.sku.to_lowercase() == sku.to_lowercase());
        match holder {
            None => Ok(()),
            Some(holder) if holder.status == "trash" => Err(fault(
                400,
                "woocommerce_rest_product_not_created",
                &format!("The SKU ({sku}) you are trying to insert is already present in the lookup table"),
                json!({}),
            )),
            Some(holder) => Err(fault(
                400,
                "product_invalid_sku",
                "Invalid or duplicated SKU.",
                json!({"resource_id": holder.id, "unique_sku": format!("{sku}-1")}),
            )),
        }
    }

    /// Ids that are not known go without a word.
    fn known_terms(&self, kind: &str, ids: &[Value]) -> Vec<u64> {
        let ids = ids.iter().filter_map(|term| term["id"].as_u64());
        ids.filter(|id| self.terms[kind].contains_key(id)).collect()
    }

    fn set_images(&mut self, images: &[Value]) -> Result<Vec<u64>, Fault> {
        let mut ids = Vec::new();
        let mut new = Vec::new();
        for image in images {
            let id = match image["id"].as_u64().filter(|id| *id != 0) {
                Some(id) if self.media.contains_key(&id) => id,
                Some(id) => {
                    let message = format!("#{id} is an invalid image ID.");
                    return Err(fault(
                        400,
                        "woocommerce_product_invalid_image_id",
                        &message,
                        json!({}),
                    ));
                }
                None => {
                    let src = image["src"].as_str().unwrap_or_default();
                    if !can_be_fetched(src) {
                        let message =
                            format!("Error getting remote image {src}. Error: A valid URL was not provided.");
                        return Err(fault(
                            400,
                            "woocommerce_product_image_upload_error",
                            &message,
                            json!({}),
                        ));
                    }
                    // Another attachment each time, at an address of the shop's own.
                    let id = self.id();
                    let name = src.rsplit('/').next().unwrap_or("picture.png");
                    new.push((id, format!("{id}-{name}")));
                    id
                }
            };
            ids.push(id);
        }
        for (id, name) in new {
            let bytes = format!("\u{89}PNG\r\n\u{1a}\n{id}");
            let bytes = bytes.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin"));
            let src = self.keep_file(name, bytes.collect());
            self.media.insert(id, (src, String::new()));
        }
        for (image, id) in images.iter().zip(&ids) {
            if let Some(alt) = image["alt"].as_str().filter(|alt| !alt.is_empty())
                && let Some(media) = self.media.get_mut(id)
            {
                alt.clone_into(&mut media.1);
            }
        }
        Ok(ids)
    }

    /// The whole list; flags that are left out are off.
    fn set_attributes(&mut self, list: &[Value]) -> Vec<Value> {
        let mut set = Vec::new();
        for given in list {
            let id = given["id"].as_u64().unwrap_or_default();
            let options: Vec<String> = given["options"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(escaped)
                .collect();
            let (name, options) = match self.attributes.get_mut(&id) {
                Some((attribute, values)) => {
                    for option in &options {
                        if !values
                            .iter()
                            .any(|value| value.to_lowercase() == option.to_lowercase())
                        {
                            values.push(option.clone());
                        }
                    }
                    // In the order of the shop's values, not as sent.
                    let has = |value: &&String| {
                        options
                            .iter()
                            .any(|option| option.to_lowercase() == value.to_lowercase())
                    };
                    let options: Vec<String> = values.iter().filter(has).cloned().collect();
                    (attribute["name"].as_str().unwrap_or_default().to_owned(), options)
                }
                None => (escaped(given["name"].as_str().unwrap_or_default()), options),
            };
            if !name.is_empty() {
                set.push(json!({
                    "id": id, "name": name, "slug": name, "position": given["position"].as_i64().unwrap_or_default(),
                    "visible": given["visible"] == true, "variation": given["variation"] == true, "options": options,
                }));
            }
        }
        set
    }

    /// What a variation says of its product's attributes; nothing else keeps it from saying what it likes.
    fn choose(&self, product: u64, list: &[Value]) -> Vec<Value> {
        let Some(parent) = self.products.get(&product) else {
            return Vec::new();
        };
        let mut chosen = Vec::new();
        for given in list {
            let wanted = given["name"].as_str().map(|name| escaped(name).to_lowercase());
            let is_it = |known: &&Value| match given["id"].as_u64().filter(|id| *id != 0) {
                Some(id) => known["id"] == id,
                None => known["name"].as_str().map(str::to_lowercase) == wanted,
            };
            let Some(known) = parent.attributes.iter().find(is_it) else {
                continue;
            };
            let option = escaped(given["option"].as_str().unwrap_or_default());
            let values = known["options"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            let value = values
                .into_iter()
                .find(|value| value.to_lowercase() == option.to_lowercase());
            let option = value.map_or_else(|| option.to_lowercase(), str::to_owned);
            chosen.push(
                json!({"id": known["id"], "name": known["name"], "slug": known["slug"], "option": option}),
            );
        }
        chosen
    }
}

/// Single calls refuse what is of another type.
fn check_types(given: &Value) -> Result<(), Fault> {
    for name in [
        "sku",
        "regular_price",
        "sale_price",
        "name",
        "weight",
        "global_unique_id",
    ] {
        if given
            .get(name)
            .is_some_and(|value| !value.is_string() && !value.is_null())
        {
            return Err(fault(
                400,
                "rest_invalid_param",
                &format!("Invalid parameter(s): {name}"),
                json!({"params": {name: format!("{name} is not of type string.")}}),
            ));
        }
    }
    Ok(())
}

/// With "." as the decimal sign: everything else goes, and 19,99 is 1999.
fn price(given: &Value, to: &mut String) {
    let text = match given {
        Value::Null => return,
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(list) => list.first().map(Value::to_string).unwrap_or_default(),
        _ => String::new(),
    };
    *to = text
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
        .collect();
}

/// A name as it is kept: tags that are not allowed go, what is special is escaped once, backslashes and outer blanks go.
pub(super) fn escaped(name: &str) -> String {
    const KEPT: [&str; 8] = [
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<em>",
        "</em>",
        "<strong>",
        "</strong>",
    ];
    let mut text = String::new();
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        let tag = rest
            .strip_prefix('<')
            .and_then(|inner| inner.find('>'))
            .map(|end| &rest[..end + 2]);
        let is_tag =
            tag.is_some_and(|tag| tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/'));
        if let (true, Some(tag)) = (is_tag, tag) {
            if KEPT.contains(&tag) {
                text.push_str(tag);
            }
            rest = &rest[tag.len()..];
            continue;
        }
        let entity = ["&amp;", "&lt;", "&gt;", "&quot;", "&#039;"]
            .into_iter()
            .find(|entity| rest.starts_with(entity));
        match (c, entity) {
            (_, Some(entity)) => {
                text.push_str(entity);
                rest = &rest[entity.len()..];
                continue;
            }
            ('&', None) => text.push_str("&amp;"),
            ('<', None) => text.push_str("&lt;"),
            ('>', None) => text.push_str("&gt;"),
            ('\\' | '\0', None) => {}
            (c, None) => text.push(c),
        }
        rest = &rest[c.len_utf8()..];
    }
    text.trim().to_owned()
}

/// A SKU as it is kept.
fn cleaned(sku: &str) -> String {
    let mut text = String::new();
    let mut rest = sku.trim();
    while let Some(c) = rest.chars().next() {
        if c == '<' && rest.contains('>') {
            rest = rest.split_once('>').map_or("", |(_, rest)| rest);
        } else if c == '%' && rest.len() > 2 && rest[1..3].bytes().all(|b| b.is_ascii_hexdigit()) {
            rest = &rest[3..];
        } else {
            text.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    text.trim().to_owned()
}

/// The shop refuses private networks, names that do not resolve, and what is no web address.
fn can_be_fetched(src: &str) -> bool {
    let host = src
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split(['/', ':']).next())
        .unwrap_or_default();
    src.starts_with("http") && host.ends_with(".example") && !src.contains("missing")
}
