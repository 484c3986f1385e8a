//! What a staged record is: the counterpart of an item that is known, of one that it matches, or something new.

use super::Propagation;
use crate::{
    job::token,
    store::{Apart, Place, StagedRecord, StoreError, Unmatched, Writer, mark},
};
use shared::{
    ids::ItemId,
    issue::{Code, Issue, Severity},
    item::Presence,
    product::Record,
    sync::matching::{Match, MatchKey, find_item, match_key},
};
use std::collections::{BTreeMap, BTreeSet};

/// A staged record, what it is, and all that this depends on or may change.
pub(super) struct Looked<'b> {
    pub(super) staged: &'b StagedRecord,
    pub(super) found: Found,
    /// Hashes of items and match keys.
    pub(super) touches: Vec<u64>,
}

pub(super) enum Found {
    Known(ItemId),
    /// A create of ours made it, and its answer was lost.
    Ours(ItemId),
    /// It is like this item, which has no counterpart here.
    Like(ItemId),
    /// Nothing is like it; the number is that of the item to be made of it.
    New(Option<ItemId>),
    /// It belongs to no item, for a reason that is shown.
    Apart(Unmatched),
    /// It is not to be taken in.
    Nothing,
}

impl Propagation<'_> {
    pub(super) fn look<'b>(
        &self,
        writer: &Writer<'_>,
        staged: &'b StagedRecord,
    ) -> Result<Looked<'b>, StoreError> {
        let mut touches = staged.keys.clone();
        let found = self.find(writer, &staged.record, &mut touches)?;
        if let Found::Known(item) | Found::Ours(item) | Found::Like(item) = found {
            touches.push(touch(item));
        }
        Ok(Looked {
            staged,
            found,
            touches,
        })
    }

    fn find(
        &self,
        writer: &Writer<'_>,
        record: &Record,
        touches: &mut Vec<u64>,
    ) -> Result<Found, StoreError> {
        let Some(place) = self.places.of(self.id) else {
            return Ok(Found::Nothing);
        };
        if let Some((item, _)) = writer.remote(self.number, &record.remote_id)? {
            return Ok(Found::Known(item));
        }
        if let Some(item) = self.ours(writer, record)? {
            return Ok(Found::Ours(item));
        }
        if let Some(unmatched) = writer.unmatched(self.number, &record.remote_id)?
            && unmatched.why == Apart::Unlinked
        {
            let mut seen = unmatched;
            seen.issue.at = self.cause.at;
            return Ok(Found::Apart(seen));
        }
        Ok(match self.like(writer, record, place, touches)? {
            Match::Item(item) => Found::Like(item),
            Match::New if place.policy.products.absorb => Found::New(None),
            Match::New => Found::Nothing,
            Match::Ambiguous(candidates) => Found::Apart(self.ambiguous(record, candidates, place)),
        })
    }

    /// The item whose create made this record, if its token is ours.
    fn ours(&self, writer: &Writer<'_>, record: &Record) -> Result<Option<ItemId>, StoreError> {
        let Some(item) = record.token.as_deref().and_then(token::item) else {
            return Ok(None);
        };
        let here = writer.equivalence(item, self.number)?;
        let sending = here.as_ref().and_then(|here| here.sending.as_ref());
        Ok(sending
            .filter(|sending| Some(&sending.token) == record.token.as_ref())
            .map(|_| item))
    }

    /// The item that has what the record is matched by.
    fn like(
        &self,
        writer: &Writer<'_>,
        record: &Record,
        place: &Place,
        touches: &mut Vec<u64>,
    ) -> Result<Match, StoreError> {
        let mut holders: BTreeMap<MatchKey, Vec<ItemId>> = BTreeMap::new();
        let mut taken: Vec<ItemId> = Vec::new();
        for key in record_keys(record, place) {
            let found = writer.holders(&key)?;
            for item in &found {
                touches.push(touch(*item));
                let here = writer.equivalence(*item, self.number)?;
                let is_other = |presence: &Presence| matches!(presence, Presence::Live { remote_id, .. } if *remote_id != record.remote_id);
                if here.is_some_and(|here| is_other(&here.presence)) {
                    taken.push(*item);
                }
            }
            holders.insert(key, found);
        }
        Ok(find_item(
            &record.product,
            &place.policy,
            |key| holders.get(key).cloned().unwrap_or_default(),
            |item| taken.contains(&item),
            |key| if self.contested.contains(&mark(key)) { 2 } else { 1 },
        ))
    }

    fn ambiguous(&self, record: &Record, candidates: Vec<ItemId>, place: &Place) -> Unmatched {
        let name = &place.policy.name;
        let message = if candidates.len() > 1 {
            format!(
                "\"{}\" at {name} could be any of {} products here.",
                record.product.title,
                candidates.len()
            )
        } else {
            format!(
                "\"{}\" at {name} has the same SKU or barcode as another product there, so it is not clear which of \
                 them belongs to the product here.",
                record.product.title
            )
        };
        let issue = Issue {
            code: Code::AmbiguousMatch,
            severity: Severity::Error,
            path: None,
            message,
            at: self.cause.at,
        };
        Unmatched {
            why: Apart::Ambiguous,
            title: record.product.title.clone(),
            candidates,
            issue,
        }
    }
}

/// The match keys of a record under a policy, each once.
fn record_keys(record: &Record, place: &Place) -> BTreeSet<MatchKey> {
    let by = &place.policy.products.match_by;
    let variants = &record.product.variants;
    variants
        .iter()
        .flat_map(|variant| by.iter().filter_map(|by| match_key(*by, variant)))
        .collect()
}

/// An item among hashes of other things.
fn touch(item: ItemId) -> u64 {
    xxhash_rust::xxh3::xxh3_64(&item.0.to_le_bytes())
}
