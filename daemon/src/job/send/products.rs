//! Sending products: what is decided and recorded of each.

use super::{Looked, Prepared, Refused, Settling, Sight, Sort, Wrote, unchanged};
use crate::{
    connector::{Answer, Class, ConnectorError, Create, Find, Update},
    job::{Linked, token},
    store::{Number, Place, Sent, StoreError, Writer, digest},
};
use shared::{
    content::{Change, Field, Path, Value},
    ids::{ItemId, Kind, RemoteId},
    issue::Code,
    item::{Equivalence, Item, Presence},
    mark::Mark,
    product::{Patch, Product, Record},
    sync::{
        acknowledge,
        matching::{Pairing, pair},
        merge::{self, Merged},
        pending::{Standing, pending},
        read,
        review::ready,
        terms::Around,
        write,
    },
};

pub(super) struct Products;

impl Sort for Products {
    const KIND: Kind = Kind::Products;

    type New = Product;
    type Patch = Patch;
    type Record = Record;

    async fn create(connector: &Linked, batch: &[Create]) -> Vec<Answer> {
        connector.0.create(batch).await
    }

    async fn update(connector: &Linked, batch: &[Update]) -> Vec<Answer> {
        connector.0.update(batch).await
    }

    async fn find(connector: Linked, wanted: Find) -> Result<Vec<Record>, ConnectorError> {
        connector.0.find(&wanted).await
    }

    fn prepare(
        writer: &mut Writer<'_>,
        prepared: &mut Prepared<Self>,
        id: ItemId,
        sight: &Sight<'_>,
    ) -> Result<(), StoreError> {
        let &Sight {
            places,
            place,
            refused,
            now,
        } = sight;
        let Some(item) = writer.product(id)? else {
            return Ok(());
        };
        let number = place.number;
        let equivalences = writer.equivalences(id)?;
        let live = equivalences.iter().any(|(_, equivalence)| equivalence.is_live());
        let standing = if live { Standing::Live } else { Standing::Gone };
        let around = Around {
            counterparts: &places.counterparts(&equivalences),
            limits: places.limits,
        };
        let here = equivalences
            .iter()
            .find(|(at, _)| *at == number)
            .map(|(_, here)| here);
        if let Some(sending) = here.and_then(|here| here.sending.as_ref()) {
            let remote_id = here.and_then(|here| here.remote_id().cloned());
            let find = Find {
                token: Some(sending.token.clone()),
                remote_id,
                skus: skus(&item),
                since: None,
            };
            prepared.unclear.push((id, find));
            return Ok(());
        }
        let pending = pending(&item, here, standing, &around, &place.policy, place.fields, now);
        let pending = ready(pending, &item, here, place.policy.send).pending;
        let here = here.cloned().unwrap_or_default();
        if pending.changes.is_empty()
            || refused == Refused::Leave && acknowledge::was_refused(&here, &pending)
        {
            return Ok(());
        }
        let token = token::new(number, id, now, writer.next_write()?);
        match pending.mark {
            Some(Mark::Create) => {
                let product = write::product(&pending.wanted, &here, &place.policy);
                prepared.creates.push((
                    id,
                    Create {
                        token: token.clone(),
                        record: product,
                    },
                ));
            }
            Some(Mark::Update) => {
                let Presence::Live { remote_id, .. } = &here.presence else {
                    return Ok(());
                };
                let patch = write::patch(&pending.changes, &pending.wanted, &here, &place.policy);
                prepared.updates.push((
                    id,
                    Update {
                        token: token.clone(),
                        remote_id: remote_id.clone(),
                        patch,
                    },
                ));
            }
            _ => return Ok(()),
        }
        writer.intend(id, place, &acknowledge::intend(here, &pending, token, now))
    }

    fn answered(
        settling: &mut Settling<'_>,
        writer: &mut Writer<'_>,
        id: ItemId,
        answer: Answer<Record>,
        wrote: Wrote,
    ) -> Result<(), StoreError> {
        let place = settling.place;
        let Some(item) = writer.product(id)? else {
            return Ok(());
        };
        let mut equivalences = writer.equivalences(id)?;
        let Some(at) = equivalences.iter().position(|(at, _)| *at == settling.number) else {
            return Ok(());
        };
        let here = std::mem::take(&mut equivalences[at].1);
        let now = settling.cause.at;
        let mut after = item.clone();
        let refused = match &answer {
            Answer::Partly(_, error) => Some(error.clone()),
            Answer::Shown(_) | Answer::Refused(_) | Answer::Unclear(_) => None,
        };
        equivalences[at].1 = match answer {
            Answer::Shown(record) | Answer::Partly(record, _) => {
                match wrote {
                    Wrote::Created => settling.outcome.created += 1,
                    Wrote::Updated => settling.outcome.updated += 1,
                }
                let written = match wrote {
                    Wrote::Created => None,
                    Wrote::Updated => Some(Written::begun(&here)),
                };
                let (equivalence, next_key) = match refused {
                    None => acknowledge::acknowledge(&item, here, &record, &place.policy, place.stock, now),
                    Some(error) => {
                        settling.outcome.issues += 1;
                        let (message, policy) = (&error.message, &place.policy);
                        acknowledge::acknowledge_part(&item, here, &record, message, policy, now)
                    }
                };
                let sent = written.map_or(Sent::Created, |written| written.sent(&equivalence));
                writer.put_sent(settling.number, settling.job, id, &sent)?;
                after.next_key = next_key;
                note_remote(writer, settling.number, &item, &equivalence, &record, place)?;
                equivalence
            }
            Answer::Refused(error) if error.class.is_passing() => {
                settling.put_off(acknowledge::withdraw(here), &error)
            }
            Answer::Refused(error) if error.class == Class::Auth => acknowledge::withdraw(here),
            Answer::Refused(error) => {
                settling.outcome.failed += 1;
                settling.outcome.issues += 1;
                let code = if error.class == Class::Missing {
                    Code::Missing
                } else {
                    Code::Refused
                };
                acknowledge::refuse(here, code, &error.message, &place.policy, now)
            }
            Answer::Unclear(error) => settling.put_off(here, &error),
        };
        writer.put_whole(
            Some(&item),
            &after,
            &equivalences,
            &[settling.number],
            settling.places,
            &settling.cause,
        )
    }

    fn found(
        settling: &mut Settling<'_>,
        writer: &mut Writer<'_>,
        id: ItemId,
        find: &Find,
        found: &[Record],
    ) -> Result<Looked, StoreError> {
        let place = settling.place;
        let mut looked = Looked::Clear;
        let Some(item) = writer.product(id)? else {
            return Ok(looked);
        };
        let mut equivalences = writer.equivalences(id)?;
        let Some(at) = equivalences.iter().position(|(at, _)| *at == settling.number) else {
            return Ok(looked);
        };
        let here = std::mem::take(&mut equivalences[at].1);
        let now = settling.cause.at;
        let by_token = found
            .iter()
            .find(|record| record.token.is_some() && record.token == find.token);
        let merged = match (&find.remote_id, by_token) {
            (Some(remote_id), _) => match found.iter().find(|record| record.remote_id == *remote_id) {
                Some(record) => {
                    let merged = merge::take_in(
                        item.clone(),
                        here,
                        record,
                        &place.policy,
                        place.fields,
                        place.stock,
                        now,
                    );
                    // What was taken in before is not what is known now: it could come back.
                    note_remote(
                        writer,
                        settling.number,
                        &merged.item,
                        &merged.equivalence,
                        record,
                        place,
                    )?;
                    merged
                }
                None => unchanged(&item, acknowledge::withdraw(here)),
            },
            (None, Some(record)) => {
                settling.outcome.created += 1;
                let (equivalence, next_key) =
                    acknowledge::acknowledge(&item, here, record, &place.policy, place.stock, now);
                note_remote(writer, settling.number, &item, &equivalence, record, place)?;
                Merged {
                    item: Item {
                        next_key,
                        ..item.clone()
                    },
                    equivalence,
                    item_changed: false,
                }
            }
            (None, None) => match strangers(writer, found, settling.number)?[..] {
                [record] => {
                    let merged = merge::join(
                        item.clone(),
                        acknowledge::withdraw(here),
                        record,
                        &place.policy,
                        place.fields,
                        now,
                    );
                    note_remote(writer, settling.number, &item, &merged.equivalence, record, place)?;
                    merged
                }
                [] => unchanged(&item, acknowledge::withdraw(here)),
                [_, _, ..] => {
                    looked = Looked::Ambiguous;
                    settling.outcome.issues += 1;
                    unchanged(&item, acknowledge::unclear(here, found.len(), &place.policy, now))
                }
            },
        };
        equivalences[at].1 = merged.equivalence;
        writer.put_whole(
            Some(&item),
            &merged.item,
            &equivalences,
            &[settling.number],
            settling.places,
            &settling.cause,
        )?;
        Ok(looked)
    }
}

/// What is about to be known to have been written: the paths, and what was shown there before.
struct Written(Vec<(Path, Option<Value>)>);

impl Written {
    fn begun(here: &Equivalence) -> Self {
        let sending = here.sending.iter().flat_map(|sending| &sending.values);
        let before = |path: &Path| (path.clone(), here.acknowledged.get(path).cloned());
        Self(sending.map(|(path, _)| before(path)).collect())
    }

    fn sent(self, here: &Equivalence) -> Sent {
        let change = |(path, old): (Path, Option<Value>)| Change {
            new: here.acknowledged.get(&path).cloned(),
            path,
            old,
        };
        Sent::Changed(self.0.into_iter().map(change).collect())
    }
}

fn skus(item: &Item) -> Vec<String> {
    let sku = |key| {
        item.content
            .text(&Path::variant_field(key, Field::Sku))
            .to_owned()
    };
    let real = |sku: &String| shared::sync::matching::sku_key(sku).is_some();
    item.content.variants().map(sku).filter(real).collect()
}

/// Remembers the record under its remote id. Where it shows more than what was acknowledged, somebody else changed
/// it meanwhile: then it keeps no digest, so that the next fetch takes that in.
fn note_remote(
    writer: &mut Writer<'_>,
    number: Number,
    item: &Item,
    equivalence: &Equivalence,
    record: &Record,
    place: &Place,
) -> Result<(), StoreError> {
    let pairing: Pairing = pair(
        &record.product,
        &item.content,
        &equivalence.children,
        item.next_key,
        &place.policy,
    );
    let all_acknowledged = read::read(&record.product, &pairing, &place.policy) == equivalence.acknowledged;
    let digest = if all_acknowledged {
        digest(record, &mut Vec::new())?
    } else {
        0
    };
    writer.put_remote(number, &record.remote_id, item.id, digest)
}

/// The records with our SKU that belong to nobody yet, where the platform keeps no tokens.
fn strangers<'a>(
    writer: &Writer<'_>,
    found: &'a [Record],
    number: Number,
) -> Result<Vec<&'a Record>, StoreError> {
    let free = |id: &RemoteId| writer.remote(number, id).map(|known| known.is_none());
    let mut strangers = Vec::new();
    for record in found {
        if free(&record.remote_id)? {
            strangers.push(record);
        }
    }
    Ok(strangers)
}
