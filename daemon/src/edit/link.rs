//! Linking and unlinking by hand: a person knows better than any SKU.

use super::{EditError, by_a_person};
use crate::{
    changed::Changed,
    store::{Apart, Durability, Number, Place, Places, Store, Unmatched, Writer},
};
use shared::{
    content::{Field, Path},
    ids::{ItemId, Kind, RemoteId},
    issue::{Code, Issue, Severity},
    item::Equivalence,
    product::Record,
    sync::merge,
    time::Time,
};

/// Parts a product from its counterpart at a connection. Both stay as they are; the record there belongs to no product
/// until it is linked to one by hand, and the product is not created there beside it.
pub fn unlink(
    store: &Store,
    changed: &Changed,
    places: &Places,
    place: &Place,
    id: ItemId,
    remote_id: &RemoteId,
    now: Time,
) -> Result<(), EditError> {
    store.write(Durability::Now, |writer| {
        let item = writer.product(id)?.ok_or(EditError::Missing(id))?;
        let mut equivalences = writer.equivalences(id)?;
        let linked = |(at, here): &&mut (Number, Equivalence)| {
            *at == place.number && here.is_live() && here.remote_id() == Some(remote_id)
        };
        let Some((_, here)) = equivalences.iter_mut().find(linked) else {
            return Err(EditError::NotLinked(remote_id.clone(), place.policy.name.clone()));
        };
        if here.sending.is_some() {
            return Err(EditError::Sending(place.policy.name.clone()));
        }
        let title = here.acknowledged.text(&Path::field(Field::Title)).to_owned();
        *here = Equivalence::default();
        writer.remove_remote(place.number, remote_id)?;
        let issue = Issue {
            code: Code::Unlinked,
            severity: Severity::Notice,
            path: None,
            message: format!(
                "\"{title}\" at {} was unlinked by hand and belongs to no product here.",
                place.policy.name
            ),
            at: now,
        };
        let unmatched = Unmatched {
            why: Apart::Unlinked,
            title,
            candidates: vec![id],
            issue,
        };
        writer.put_unmatched(place.number, remote_id, &unmatched)?;
        writer.put_whole(
            Some(&item),
            &item,
            &equivalences,
            &[place.number],
            places,
            &by_a_person(now),
        )?;
        Ok::<_, EditError>(())
    })?;
    changed.items(Kind::Products, &[id]);
    Ok(())
}

/// Makes a record of a connection a product's counterpart there, whatever it was before. At this first meeting nothing
/// is overwritten on either side.
pub fn link(
    store: &Store,
    changed: &Changed,
    places: &Places,
    place: &Place,
    id: ItemId,
    record: &Record,
    now: Time,
) -> Result<(), EditError> {
    let parted = store.write(Durability::Now, |writer| {
        let item = writer.product(id)?.ok_or(EditError::Missing(id))?;
        let mut equivalences = writer.equivalences(id)?;
        let at = equivalences.iter().position(|(at, _)| *at == place.number);
        let here = at.map(|at| equivalences.remove(at).1).unwrap_or_default();
        if here.sending.is_some() {
            return Err(EditError::Sending(place.policy.name.clone()));
        }
        if here.is_live() {
            return match here.remote_id() {
                Some(linked) if *linked == record.remote_id => Ok(None),
                _ => Err(EditError::LinkedAlready(place.policy.name.clone())),
            };
        }
        let parted = part_from_other(writer, places, place, record, now)?;
        let merged = merge::join(
            item.clone(),
            Equivalence::default(),
            record,
            &place.policy,
            place.fields,
            now,
        );
        equivalences.push((place.number, merged.equivalence));
        writer.put_whole(
            Some(&item),
            &merged.item,
            &equivalences,
            &[place.number],
            places,
            &by_a_person(now),
        )?;
        // Without a digest: the next fetch reads it as it is then.
        writer.put_remote(place.number, &record.remote_id, id, 0)?;
        writer.remove_unmatched(place.number, &record.remote_id)?;
        Ok::<_, EditError>(parted)
    })?;
    changed.items(Kind::Products, &[id]);
    changed.items(Kind::Products, parted.as_slice());
    Ok(())
}

/// The product that a record was the counterpart of loses it.
fn part_from_other(
    writer: &mut Writer<'_>,
    places: &Places,
    place: &Place,
    record: &Record,
    now: Time,
) -> Result<Option<ItemId>, EditError> {
    let Some((other, _)) = writer.remote(place.number, &record.remote_id)? else {
        return Ok(None);
    };
    let Some(item) = writer.product(other)? else {
        return Ok(None);
    };
    let mut equivalences = writer.equivalences(other)?;
    for (_, there) in equivalences.iter_mut().filter(|(at, _)| *at == place.number) {
        if there.sending.is_some() {
            return Err(EditError::Sending(place.policy.name.clone()));
        }
        *there = Equivalence::default();
    }
    writer.put_whole(
        Some(&item),
        &item,
        &equivalences,
        &[place.number],
        places,
        &by_a_person(now),
    )?;
    Ok(Some(other))
}
