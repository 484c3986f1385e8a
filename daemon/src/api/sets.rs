//! Sets of products: by their ids in addresses, and as the search bar suggests them.

use super::{
    App, Daemon, aside,
    input::{Accepted, Limit, Query},
    items::View,
    refusal::Refusal,
};
use crate::{
    connector::platform,
    store::{Places, Reader, StoreError, of_orders},
};
use axum::{Json, extract::State};
use roaring::RoaringBitmap;
use serde::Deserialize;
use shared::{
    api::SetSuggestion,
    content::{Content, Field, Leaf, Path, Value},
    ids::{ItemId, Kind},
    set::{Pending, Placed, Set, SetExpression, When},
    show::label::label_of,
    sync::{
        search::folded,
        terms::{slug, slugged, within},
    },
    time::Date,
};
use std::{cmp::Reverse, collections::BTreeSet, sync::Arc};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(suggest))
}

/// The sets that a request names, each perhaps several at once (`brand:nike stock:in`). All have to hold.
pub(super) fn parse(texts: &[String]) -> Result<Vec<Set>, Refusal> {
    let mut sets = Vec::new();
    for text in texts {
        let SetExpression(named) = text.parse().map_err(|error| Refusal::Invalid {
            detail: format!("{error}."),
            field: Some("set".to_owned()),
        })?;
        sets.extend(named);
    }
    Ok(sets)
}

/// The products or orders that are shown and in all of these sets.
pub(super) fn intersection(view: &View, kind: Kind, sets: &[Set]) -> Result<RoaringBitmap, StoreError> {
    let mut found = all(&view.reader, kind)?;
    for set in sets {
        found &= members(view, kind, set)?;
    }
    Ok(found)
}

fn all(reader: &Reader, kind: Kind) -> Result<RoaringBitmap, StoreError> {
    match kind {
        Kind::Products => reader.all(),
        Kind::Orders => reader.all_orders(),
    }
}

/// The members of a set; a set about a platform is the union over its connections.
fn members(view: &View, kind: Kind, set: &Set) -> Result<RoaringBitmap, StoreError> {
    let mut all = RoaringBitmap::new();
    for set in stored(&view.places, view.today, set) {
        let name = match kind {
            Kind::Products => set.to_string(),
            Kind::Orders => of_orders(&set.to_string()),
        };
        all |= view.reader.members(&name)?;
    }
    Ok(all)
}

/// The stored sets that make up a set.
fn stored(places: &Places, today: Date, set: &Set) -> Vec<Set> {
    let at = |at: &str, make: &dyn Fn(String) -> Set| connections(places, at).into_iter().map(make).collect();
    match set {
        Set::Platform(platform) => of_platform(places, platform).into_iter().map(Set::On).collect(),
        Set::Pending { what, at: place } => at(place, &|at| Set::Pending { what: *what, at }),
        Set::Status { value, at: place } => at(place, &|at| Set::Status {
            value: value.clone(),
            at,
        }),
        Set::Category { value, at: place } => at(place, &|at| Set::Category {
            value: slug(value),
            at,
        }),
        Set::Brand(_)
        | Set::Size(_)
        | Set::Color(_)
        | Set::Barcode(_)
        | Set::On(_)
        | Set::With(_)
        | Set::Without(_)
        | Set::Issues { .. }
        | Set::Stock(_)
        | Set::Price(_) => vec![slugged(set)],
        Set::Placed(placed) => placed.parts(today).into_iter().map(Set::Placed).collect(),
    }
}

/// The connections that are meant by what stands behind an `@`: a connection's own id, else a platform's name.
fn connections(places: &Places, at: &str) -> Vec<String> {
    let known = places
        .all
        .iter()
        .any(|place| place.policy.connection.as_str() == at);
    if known {
        vec![at.to_owned()]
    } else {
        of_platform(places, at)
    }
}

fn of_platform(places: &Places, platform: &str) -> Vec<String> {
    places
        .all
        .iter()
        .filter(|place| place.policy.platform == platform)
        .map(|place| place.policy.connection.to_string())
        .collect()
}

/// What is typed, and how many suggestions are wanted.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct Typed {
    #[serde(default = "products")]
    kind: Kind,
    /// Words that must all be in the set's name.
    #[serde(default)]
    q: String,
    #[serde(default)]
    #[param(value_type = u64, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
}

fn products() -> Kind {
    Kind::Products
}

/// Sets that the search bar can offer, each with how many products are in it.
///
/// Those come first that have a word which begins as typed. Without a text, only sets that hold something. Labels are in
/// English, or in Spanish where `Accept-Language` asks for it; case and accents of what is typed do not matter.
#[utoipa::path(get, path = "/api/v1/sets", tag = "products", params(Typed,
    ("accept-language" = Option<String>, Header, description = "What labels are said in: `en` or `es`")),
    responses((status = OK, body = Vec<SetSuggestion>)))]
async fn suggest(
    State(app): Daemon,
    Accepted(language): Accepted,
    Query(Typed { kind, q, limit }): Query<Typed>,
) -> Result<Json<Vec<SetSuggestion>>, Refusal> {
    let found = aside(move || {
        let view = View::of(&app)?;
        let all = all(&view.reader, kind)?;
        let words: Vec<String> = q.split_whitespace().map(folded).collect();
        let name = |at: &str| name(&view.places, at);
        let mut matching: Vec<(bool, Set)> = Vec::new();
        let candidates = match kind {
            Kind::Products => candidates(&view, &words)?,
            Kind::Orders => candidates_of_orders(&view)?,
        };
        for set in candidates {
            let text = folded(&format!("{set} {}", label_of(language, kind, &set, name, None)));
            if words.iter().all(|word| text.contains(word.as_str())) {
                let begins = |word: &String| {
                    text.split(|c: char| !c.is_alphanumeric())
                        .any(|own| own.starts_with(word.as_str()))
                };
                matching.push((!words.iter().all(begins), set));
            }
        }
        matching.sort_by_key(|(inside, _)| *inside);
        let (mut found, mut empty) = (Vec::new(), Vec::new());
        for (_, set) in matching {
            if found.len() == limit.get() {
                break;
            }
            let members = members(&view, kind, &set)? & &all;
            let spelled = match kind {
                Kind::Products => spelled(&view.reader, &view.places, &set, &members)?,
                Kind::Orders => None,
            };
            let suggestion = SetSuggestion {
                id: set.to_string(),
                label: label_of(language, kind, &set, name, spelled.as_deref()),
                count: members.len(),
            };
            match members.len() {
                0 => empty.push(suggestion),
                _ => found.push(suggestion),
            }
        }
        if !words.is_empty() {
            let room = limit.get() - found.len();
            found.extend(empty.into_iter().take(room));
        }
        Ok(found)
    });
    Ok(Json(found.await?))
}

/// The sets that may be suggested, the most useful first.
fn candidates(view: &View, words: &[String]) -> Result<Vec<Set>, StoreError> {
    let View { reader, places, .. } = view;
    let ids = || places.all.iter().map(|place| place.policy.connection.to_string());
    let mut sets: Vec<Set> = Vec::new();
    for what in Pending::ALL {
        sets.extend(ids().map(|at| Set::Pending { what, at }));
    }
    sets.push(Set::Issues { present: true });
    sets.extend(ids().map(Set::On));
    let platforms: BTreeSet<&str> = places
        .all
        .iter()
        .map(|place| place.policy.platform.as_str())
        .collect();
    sets.extend(
        platforms
            .into_iter()
            .map(|platform| Set::Platform(platform.to_owned())),
    );
    for value in Set::STATUSES {
        let value = || value.to_owned();
        sets.extend(ids().map(|at| Set::Status { value: value(), at }));
    }
    sets.extend(["low", "out", "in"].map(|stock| Set::Stock(stock.to_owned())));
    sets.extend(["low", "bad"].map(|price| Set::Price(price.to_owned())));
    // There may be as many of these as there are values, so the commonest come first.
    for prefix in ["category:", "brand:", "color:", "size:"] {
        let mut named = reader.sets_from(prefix)?;
        named.sort_by_key(|(_, count)| Reverse(*count));
        sets.extend(named.iter().filter_map(|(name, _)| name.parse::<Set>().ok()));
    }
    sets.extend(Field::PRODUCT.map(|field| Set::Without(field.name().to_owned())));
    sets.extend(Field::PRODUCT.map(|field| Set::With(field.name().to_owned())));
    sets.push(Set::Issues { present: false });
    // Nearly every product has a barcode of its own: only those that begin as typed.
    for word in words.iter().filter(|word| word.len() >= BARCODE_FROM) {
        let named = reader.sets_from(&format!("barcode:{}", slug(word)))?;
        sets.extend(named.iter().filter_map(|(name, _)| name.parse::<Set>().ok()));
    }
    Ok(sets)
}

/// The sets of orders that may be suggested, the most useful first.
fn candidates_of_orders(view: &View) -> Result<Vec<Set>, StoreError> {
    let View { reader, places, .. } = view;
    let ids = || places.all.iter().map(|place| place.policy.connection.to_string());
    let mut sets: Vec<Set> = Vec::new();
    for what in Pending::ALL {
        sets.extend(ids().map(|at| Set::Pending { what, at }));
    }
    sets.push(Set::Issues { present: true });
    sets.extend(When::ALL.map(|when| Set::Placed(Placed::When(when))));
    sets.extend(ids().map(Set::On));
    // The latest first.
    for prefix in ["month:", "year:"] {
        let named = reader.sets_from(&of_orders(prefix))?;
        let own = |name: &str| name.strip_prefix(&of_orders(""))?.parse::<Set>().ok();
        sets.extend(named.iter().rev().filter_map(|(name, _)| own(name)));
    }
    sets.extend(Field::ORDER.map(|field| Set::Without(field.name().to_owned())));
    sets.extend(Field::ORDER.map(|field| Set::With(field.name().to_owned())));
    sets.push(Set::Issues { present: false });
    Ok(sets)
}

/// Letters after which barcodes are suggested.
const BARCODE_FROM: usize = 4;

/// What people call a connection or a platform.
fn name(places: &Places, at: &str) -> String {
    let connection = places
        .all
        .iter()
        .find(|place| place.policy.connection.as_str() == at);
    match (connection, platform(at)) {
        (Some(place), _) => place.policy.name.clone(),
        (None, Some(platform)) => platform.title.to_owned(),
        (None, None) => at.to_owned(),
    }
}

/// How a set's value stands on the first product that has it.
fn spelled(
    reader: &Reader,
    places: &Places,
    set: &Set,
    members: &RoaringBitmap,
) -> Result<Option<String>, StoreError> {
    let Some(first) = members.min() else {
        return Ok(None);
    };
    let first = ItemId(first.into());
    match set {
        Set::Brand(value) | Set::Size(value) | Set::Color(value) | Set::Barcode(value) => {
            let item = reader.product(first)?;
            Ok(item.and_then(|item| spelled_on(set, value, &item.content)))
        }
        Set::Category { value, at } if value != "none" => {
            let equivalences = reader.equivalences(first)?;
            let meant = connections(places, at);
            let counterparts = places.counterparts(&equivalences);
            let categories = Path::field(Field::Categories);
            let mut shown = counterparts
                .iter()
                .filter(|here| meant.iter().any(|at| here.policy.connection.as_str() == at))
                .filter_map(|here| here.equivalence?.acknowledged.get(&categories));
            Ok(shown.find_map(|shown| spelled_in(value, shown)))
        }
        _ => Ok(None),
    }
}

fn spelled_on(set: &Set, value: &str, content: &Content) -> Option<String> {
    content.iter().find_map(|(path, text)| {
        let of_set = match (set, &path.leaf) {
            (Set::Brand(_), Leaf::Field(Field::Brand)) | (Set::Barcode(_), Leaf::Field(Field::Barcode)) => {
                true
            }
            (Set::Size(_), Leaf::Option(name)) => name == "size",
            (Set::Color(_), Leaf::Option(name)) => name == "color",
            _ => false,
        };
        match text {
            Value::Text(text) if of_set && slug(text) == value => Some(text.to_string()),
            _ => None,
        }
    })
}

/// A category as it is written, among those that a connection shows.
fn spelled_in(value: &str, categories: &Value) -> Option<String> {
    let Value::List(paths) = categories else {
        return None;
    };
    let mut all = paths.iter().flat_map(|path| within(path));
    all.find(|path| slug(path) == value).map(str::to_owned)
}
