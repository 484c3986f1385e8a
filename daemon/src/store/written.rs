//! A product as it is to be written: all that is derived from it is worked out before a table is touched, so that many
//! products can be worked out at the same time.

use super::{
    Number, StoreError,
    codec::encode,
    index::{self, Place, Places, Whole},
    sets::SetChanges,
};
use shared::{
    content::diff,
    history::{Cause, Deed, Entry},
    ids::{ItemId, RemoteId},
    item::{Equivalence, Item},
    sync::{matching::item_keys, search},
};

/// The rows of one product, but for those of sets.
#[derive(Debug)]
pub struct Written {
    pub(super) id: ItemId,
    /// `None`: the product itself is as it is stored.
    pub(super) product: Option<Product>,
    pub(super) equivalences: Vec<(Number, Vec<u8>)>,
    /// Records that belonged to the product and belong to none now: two of one product would be read as one.
    pub(super) former: Vec<(Number, RemoteId)>,
}

#[derive(Debug)]
pub(super) struct Product {
    pub bytes: Vec<u8>,
    /// For the history.
    pub entry: Option<Vec<u8>>,
    pub keys_lost: Vec<String>,
    pub keys_gained: Vec<String>,
    /// What is searched, where it changed.
    pub text: Option<String>,
}

impl Written {
    /// What is to be written of a product. `before` is the product as it is stored, `None` for a new one; `known` are
    /// the equivalences as they are stored, at least those that are `changed`; `after` has all that there are.
    pub fn of(
        before: Option<&Item>,
        known: &[(Number, Equivalence)],
        after: &Whole<'_>,
        changed: &[Number],
        places: &Places,
        cause: &Cause,
        sets: &mut SetChanges,
    ) -> Result<Self, StoreError> {
        let Whole { item, equivalences } = after;
        let product = if before == Some(item) {
            None
        } else {
            index::index_terms(sets, before, item, &places.limits);
            Some(Product::of(before, item, cause)?)
        };
        let mut written = Self {
            id: item.id,
            product,
            equivalences: Vec::with_capacity(changed.len()),
            former: Vec::new(),
        };
        for (number, equivalence) in equivalences.iter().filter(|(at, _)| changed.contains(at)) {
            let known = known.iter().find(|(at, _)| at == number).map(|(_, known)| known);
            written.equivalences.push((*number, encode(equivalence)?));
            if let Some(former) = former_name(known, equivalence) {
                written.former.push((*number, former.clone()));
            }
            let place = |place: &&Place| place.number == *number;
            if let Some(place) = places.all.iter().find(place) {
                index::index_shown(sets, item.id, place, known, equivalence);
            }
        }
        index::index_places(sets, after, places, cause.at);
        Ok(written)
    }
}

impl Product {
    fn of(before: Option<&Item>, after: &Item, cause: &Cause) -> Result<Self, StoreError> {
        let old = before.map(|item| item_keys(&item.content)).unwrap_or_default();
        let new = item_keys(&after.content);
        let text = search::text(after);
        Ok(Self {
            bytes: encode(after)?,
            entry: before
                .and_then(|before| entry(before, after, cause))
                .map(|entry| encode(&entry))
                .transpose()?,
            keys_lost: old.difference(&new).map(ToString::to_string).collect(),
            keys_gained: new.difference(&old).map(ToString::to_string).collect(),
            text: (before.map(search::text).as_ref() != Some(&text)).then_some(text),
        })
    }
}

/// What changed in an item's content, with its cause; what it began with is known from what is there now.
pub(super) fn entry(before: &Item, after: &Item, cause: &Cause) -> Option<Entry> {
    let changes = diff(&before.content, &after.content);
    (!changes.is_empty()).then(|| Entry {
        cause: cause.clone(),
        deed: Deed::Changed,
        changes,
    })
}

/// What the platform called the record of an item that now has another one there, or none.
pub(super) fn former_name<'k>(known: Option<&'k Equivalence>, now: &Equivalence) -> Option<&'k RemoteId> {
    let former = known?.remote_id()?;
    (now.remote_id() != Some(former)).then_some(former)
}
