//! Sets of products, by their ids in addresses.

use super::refusal::Refusal;
use crate::store::{Places, Reader, StoreError};
use roaring::RoaringBitmap;
use shared::{
    set::{Set, SetExpression},
    sync::terms::slug,
};

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

/// The products that are shown and in all of these sets.
pub(super) fn intersection(
    reader: &Reader,
    places: &Places,
    sets: &[Set],
) -> Result<RoaringBitmap, StoreError> {
    let mut found = reader.all()?;
    for set in sets {
        found &= members(reader, places, set)?;
    }
    Ok(found)
}

/// The members of a set; a set about a platform is the union over its connections.
fn members(reader: &Reader, places: &Places, set: &Set) -> Result<RoaringBitmap, StoreError> {
    let mut all = RoaringBitmap::new();
    for name in stored(places, set) {
        all |= reader.members(&name.to_string())?;
    }
    Ok(all)
}

/// The stored sets that make up a set.
fn stored(places: &Places, set: &Set) -> Vec<Set> {
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
        Set::Brand(text) => vec![Set::Brand(slug(text))],
        Set::Size(text) => vec![Set::Size(slug(text))],
        Set::Color(text) => vec![Set::Color(slug(text))],
        Set::Barcode(text) => vec![Set::Barcode(slug(text))],
        Set::On(_) | Set::With(_) | Set::Without(_) | Set::Issues { .. } | Set::Stock(_) | Set::Price(_) => {
            vec![set.clone()]
        }
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
