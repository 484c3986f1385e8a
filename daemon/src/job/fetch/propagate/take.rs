//! What a staged record does to the hub, worked out without writing anything.

use super::{
    Propagation,
    find::{Found, Looked},
};
use crate::store::{
    Apart, Number, Place, SetChanges, StagedRecord, StoreError, Unmatched, Whole, Writer, Written,
};
use shared::{
    ids::{ItemId, RemoteId},
    item::{Equivalence, Item},
    sync::{
        acknowledge,
        merge::{self, Merged},
    },
};

/// What some records of a batch come to.
#[derive(Default)]
pub(super) struct Part {
    pub(super) written: Vec<Written>,
    pub(super) sets: SetChanges,
    /// Whose the records are now, with the digests that they were taken in with.
    pub(super) remotes: Vec<(RemoteId, ItemId, u64)>,
    pub(super) unmatched: Vec<(RemoteId, Unmatched)>,
    pub(super) new: u64,
    pub(super) changed: u64,
    pub(super) issues: u64,
}

impl Part {
    /// Adds what later records come to.
    pub(super) fn append(&mut self, later: Self) {
        let Self {
            written,
            sets,
            remotes,
            unmatched,
            new,
            changed,
            issues,
        } = later;
        self.written.extend(written);
        self.sets.extend(sets);
        self.remotes.extend(remotes);
        self.unmatched.extend(unmatched);
        self.new += new;
        self.changed += changed;
        self.issues += issues;
    }
}

impl Propagation<'_> {
    pub(super) fn take(
        &self,
        writer: &Writer<'_>,
        looked: &Looked<'_>,
        part: &mut Part,
    ) -> Result<(), StoreError> {
        let Some(place) = self.places.of(self.id) else {
            return Ok(());
        };
        let Looked {
            staged,
            found,
            touches: _,
        } = looked;
        match found {
            Found::Known(item) => self.take_known(writer, *item, staged, place, part),
            Found::Ours(item) => self.adopt(writer, *item, staged, place, part),
            Found::Like(item) => self.join(writer, *item, staged, place, part),
            Found::New(None) | Found::Nothing => Ok(()),
            Found::New(Some(number)) => {
                let record = &staged.record;
                let merged = merge::absorb(*number, record, &place.policy, place.fields, self.cause.at);
                part.new += 1;
                self.write(None, merged, Vec::new(), staged, part)
            }
            Found::Apart(unmatched) => {
                part.issues += u64::from(unmatched.why == Apart::Ambiguous);
                let remote_id = staged.record.remote_id.clone();
                part.unmatched.push((remote_id, unmatched.clone()));
                Ok(())
            }
        }
    }

    fn take_known(
        &self,
        writer: &Writer<'_>,
        id: ItemId,
        staged: &StagedRecord,
        place: &Place,
        part: &mut Part,
    ) -> Result<(), StoreError> {
        let Some(item) = writer.product(id)? else {
            return Ok(());
        };
        let known = writer.equivalences(id)?;
        let merged = merge::take_in(
            item.clone(),
            at(&known, self.number),
            &staged.record,
            &place.policy,
            place.fields,
            place.stock,
            self.cause.at,
        );
        part.changed += u64::from(merged.item_changed);
        part.issues += u64::from(!merged.equivalence.issues.is_empty());
        self.write(Some(&item), merged, known, staged, part)
    }

    /// Takes a record that a create of ours made whose answer was lost.
    fn adopt(
        &self,
        writer: &Writer<'_>,
        id: ItemId,
        staged: &StagedRecord,
        place: &Place,
        part: &mut Part,
    ) -> Result<(), StoreError> {
        let Some(item) = writer.product(id)? else {
            return Ok(());
        };
        let known = writer.equivalences(id)?;
        let (equivalence, next_key) = acknowledge::acknowledge(
            &item,
            at(&known, self.number),
            &staged.record,
            &place.policy,
            place.stock,
            self.cause.at,
        );
        let created = Item {
            next_key,
            ..item.clone()
        };
        // What was sold or edited there since it was created is news.
        let merged = merge::take_in(
            created,
            equivalence,
            &staged.record,
            &place.policy,
            place.fields,
            place.stock,
            self.cause.at,
        );
        self.write(Some(&item), merged, known, staged, part)
    }

    fn join(
        &self,
        writer: &Writer<'_>,
        id: ItemId,
        staged: &StagedRecord,
        place: &Place,
        part: &mut Part,
    ) -> Result<(), StoreError> {
        let Some(item) = writer.product(id)? else {
            return Ok(());
        };
        let known = writer.equivalences(id)?;
        let merged = merge::join(
            item.clone(),
            Equivalence::default(),
            &staged.record,
            &place.policy,
            place.fields,
            self.cause.at,
        );
        part.new += 1;
        self.write(Some(&item), merged, known, staged, part)
    }

    fn write(
        &self,
        before: Option<&Item>,
        merged: Merged,
        known: Vec<(Number, Equivalence)>,
        staged: &StagedRecord,
        part: &mut Part,
    ) -> Result<(), StoreError> {
        let Merged {
            item,
            equivalence,
            item_changed: _,
        } = merged;
        let mut equivalences = known;
        let here = equivalences.iter().position(|(at, _)| *at == self.number);
        let former: Vec<_> = here
            .map(|here| equivalences.swap_remove(here))
            .into_iter()
            .collect();
        equivalences.push((self.number, equivalence));
        let after = Whole {
            item: &item,
            equivalences: &equivalences,
        };
        part.written.push(Written::of(
            before,
            &former,
            &after,
            &[self.number],
            self.places,
            &self.cause,
            &mut part.sets,
        )?);
        let StagedRecord {
            keys: _,
            digest,
            record,
        } = staged;
        part.remotes.push((record.remote_id.clone(), item.id, *digest));
        Ok(())
    }
}

/// The counterpart at a connection; an empty one where there is none.
fn at(equivalences: &[(Number, Equivalence)], number: Number) -> Equivalence {
    let here = equivalences.iter().find(|(at, _)| *at == number);
    here.map(|(_, here)| here.clone()).unwrap_or_default()
}
