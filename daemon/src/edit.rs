//! What people decide and change in the hub itself.

use crate::{
    job::now,
    status::Changed,
    store::{Durability, Place, Places, Store, StoreError, Writer},
};
use shared::{
    content::Field,
    ids::ItemId,
    item::{Equivalence, Side},
    sync::merge,
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
) -> Result<u64, StoreError> {
    let mut touched = 0;
    for batch in items.chunks(BATCH) {
        let done = store.write(Durability::Now, |writer| {
            let mut done = Vec::new();
            for item in batch {
                if choose_one(writer, places, place, choice, *item)? {
                    done.push(*item);
                }
            }
            Ok::<_, StoreError>(done)
        })?;
        touched += done.len() as u64;
        changed.items(&done);
    }
    Ok(touched)
}

fn choose_one(
    writer: &mut Writer<'_>,
    places: &Places,
    place: &Place,
    choice: &Choice,
    id: ItemId,
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
    let now = now();
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
        now,
    )?;
    Ok(true)
}
