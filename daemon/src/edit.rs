//! What people decide and change in the hub itself.

mod link;
mod order;
mod review;

pub use link::{link, unlink};
pub use order::patch_order;
pub use review::{Say, say, undo};

use crate::{
    changed::Changed,
    store::{Durability, Place, Places, Store, StoreError, Writer},
};
use serde_json::Value;
use shared::{
    content::Field,
    history::Cause,
    ids::{ConnectionId, IssueId, ItemId, Kind, RemoteId},
    issue::Issue,
    item::{Author, Equivalence, Side},
    money::Currency,
    show::{
        self, Detail, Sight,
        edit::{self, Edited, Unfit},
    },
    sync::{acknowledge, merge, pending::Standing, terms::Around},
    time::Time,
};

/// Items that one transaction holds.
const BATCH: usize = 200;

/// A person's choice for what was held at a connection since the first meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub side: Side,
    /// Only paths of these fields. `None`: of all.
    pub fields: Option<Vec<Field>>,
}

/// Carries out a choice for `items` and answers how many it was about.
pub fn choose(
    store: &Store,
    changed: &Changed,
    places: &Places,
    place: &Place,
    choice: &Choice,
    items: &[ItemId],
    now: Time,
) -> Result<u64, StoreError> {
    let mut touched = 0;
    for batch in items.chunks(BATCH) {
        let done = store.write(Durability::Now, |writer| {
            let mut done = Vec::new();
            for item in batch {
                if choose_one(writer, places, place, choice, *item, now)? {
                    done.push(*item);
                }
            }
            Ok::<_, StoreError>(done)
        })?;
        touched += done.len() as u64;
        changed.items(Kind::Products, &done);
    }
    Ok(touched)
}

fn choose_one(
    writer: &mut Writer<'_>,
    places: &Places,
    place: &Place,
    choice: &Choice,
    id: ItemId,
    now: Time,
) -> Result<bool, StoreError> {
    let Some(before) = writer.product(id)? else {
        return Ok(false);
    };
    let mut equivalences = writer.equivalences(id)?;
    let here = equivalences
        .iter_mut()
        .find(|(at, here)| *at == place.number && here.is_live());
    let Some((_, here)) = here else {
        return Ok(false);
    };
    let Choice { side, fields } = choice;
    let mut paths = here.held.clone();
    if let Some(fields) = fields {
        paths.retain(|path| fields.contains(&path.governed_by()));
    }
    if paths.is_empty() {
        return Ok(false);
    }
    let held: Equivalence = std::mem::take(here);
    let chosen = merge::choose(
        before.clone(),
        held,
        *side,
        &paths,
        &place.policy,
        place.fields,
        now,
    );
    *here = chosen.equivalence;
    writer.put_whole(
        Some(&before),
        &chosen.item,
        &equivalences,
        &[place.number],
        places,
        &by_a_person(now),
    )?;
    Ok(true)
}

/// What a person does about an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tackle {
    /// What was refused may be sent again.
    Retry,
    /// It leaves the list until it happens again.
    Dismiss,
}

/// Tackles an issue of a product or order at a connection. Answers whether it was still there.
pub fn tackle(
    store: &Store,
    changed: &Changed,
    places: &Places,
    place: &Place,
    (item, issue): (ItemId, IssueId),
    tackle: Tackle,
    now: Time,
) -> Result<bool, StoreError> {
    let found: Option<Kind> = store.write(Durability::Now, |writer| {
        let (product, order) = (writer.product(item)?, writer.order(item)?);
        let (kind, mut equivalences) = match order {
            Some(_) => (Kind::Orders, writer.order_equivalences(item)?),
            None => (Kind::Products, writer.equivalences(item)?),
        };
        let is_it =
            |found: &Issue| show::issue(&place.policy.connection, Some((kind, item)), found).id == issue;
        let here = equivalences.iter_mut().find(|(at, _)| *at == place.number);
        let Some((_, here)) = here else {
            return Ok::<_, StoreError>(None);
        };
        if !here.issues.iter().any(is_it) {
            return Ok(None);
        }
        match tackle {
            Tackle::Retry => *here = acknowledge::allow(std::mem::take(here)),
            Tackle::Dismiss => here.issues.retain(|found| !is_it(found)),
        }
        let (changed, cause) = ([place.number], by_a_person(now));
        match (product, order) {
            (Some(it), _) => writer.put_whole(Some(&it), &it, &equivalences, &changed, places, &cause)?,
            (_, Some(it)) => writer.put_order(Some(&it), &it, &equivalences, &changed, places, &cause)?,
            (None, None) => return Ok(None),
        }
        Ok(Some(kind))
    })?;
    if let Some(kind) = found {
        changed.items(kind, &[item]);
    }
    Ok(found.is_some())
}

/// Dismisses an issue of a connection as a whole. Answers whether it was still there.
pub fn dismiss_of_connection(
    store: &Store,
    changed: &Changed,
    connection: &ConnectionId,
    issue: IssueId,
) -> Result<bool, StoreError> {
    let found = store.write(Durability::Now, |writer| {
        writer.update_connection(connection, |state| {
            let before = state.issues.len();
            let stays = |found: &Issue| show::issue(connection, None, found).id != issue;
            state.issues.retain(stays);
            state.issues.len() < before
        })
    })?;
    changed.connections();
    Ok(found)
}

fn by_a_person(at: Time) -> Cause {
    Cause {
        at,
        by: Author::Person,
        job: None,
    }
}

/// Why an edit was not made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no product `{0}`")]
    Missing(ItemId),
    #[error("there is no order `{0}`")]
    MissingOrder(ItemId),
    #[error(transparent)]
    Unfit(#[from] Unfit),
    #[error("`{0}` at {1} is not linked to this product.")]
    NotLinked(RemoteId, String),
    #[error("This product is linked to another record at {0} already; unlink that first.")]
    LinkedAlready(String),
    #[error("A change is on its way to {0} just now; try again in a moment.")]
    Sending(String),
}

/// Merges a patch into a product of the hub; what follows for the connections is pending at once.
pub fn patch(
    store: &Store,
    changed: &Changed,
    places: &Places,
    base: Currency,
    id: ItemId,
    patch: &Value,
    now: Time,
) -> Result<(), EditError> {
    store.write(Durability::Now, |writer| {
        let before = writer.product(id)?.ok_or(EditError::Missing(id))?;
        // Connections are no part of what is edited.
        let sight = Sight {
            item: &before,
            standing: Standing::Live,
            around: &Around::default(),
            base,
            kept: &|_| None,
        };
        let shown = serde_json::to_value(sight.product(&[], Detail::Row)).expect("a product is plain data");
        let edited: Edited =
            serde_path_to_error::deserialize(edit::merged(shown, patch)?).map_err(|error| Unfit {
                field: error.path().to_string(),
                message: error.into_inner().to_string(),
            })?;
        let after = edit::edit(&before, &edited, base, now)?;
        if after != before {
            let equivalences = writer.equivalences(id)?;
            writer.put_whole(
                Some(&before),
                &after,
                &equivalences,
                &[],
                places,
                &by_a_person(now),
            )?;
        }
        Ok::<_, EditError>(())
    })?;
    changed.items(Kind::Products, &[id]);
    Ok(())
}
