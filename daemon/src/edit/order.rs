//! What people change in an order: how it goes on.

use super::{EditError, by_a_person};
use crate::{
    changed::Changed,
    store::{Durability, Places, Store},
};
use serde_json::Value;
use shared::{
    ids::{ItemId, Kind},
    show::{
        Detail,
        edit::Unfit,
        order::{
            OrderSight,
            edit::{self, EditedOrder},
        },
    },
    sync::pending::Standing,
    time::Time,
};

/// Merges a patch into an order of the hub; what follows for the connections is pending at once.
pub fn patch_order(
    store: &Store,
    changed: &Changed,
    places: &Places,
    id: ItemId,
    patch: &Value,
    now: Time,
) -> Result<(), EditError> {
    store.write(Durability::Now, |writer| {
        let before = writer.order(id)?.ok_or(EditError::MissingOrder(id))?;
        // Connections are no part of what is edited.
        let sight = OrderSight {
            item: &before,
            standing: Standing::Live,
        };
        let shown = serde_json::to_value(sight.order(&[], Detail::Row)).expect("an order is plain data");
        let edited: EditedOrder =
            serde_path_to_error::deserialize(edit::merged(shown, patch)?).map_err(|error| Unfit {
                field: error.path().to_string(),
                message: error.into_inner().to_string(),
            })?;
        let after = edit::edit(&before, &edited, now)?;
        if after != before {
            let equivalences = writer.order_equivalences(id)?;
            let cause = by_a_person(now);
            writer.put_order(Some(&before), &after, &equivalences, &[], places, &cause)?;
        }
        Ok::<_, EditError>(())
    })?;
    changed.items(Kind::Orders, &[id]);
    Ok(())
}
