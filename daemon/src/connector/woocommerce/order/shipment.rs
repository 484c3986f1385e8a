//! Shipments. WooCommerce itself keeps none: ours are in an order's meta data, and told in its notes; those of its own
//! shipment tracking extension are read.

use crate::connector::woocommerce::shapes::{Meta, meta};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::{
    ids::RemoteId,
    order::{Patch, Shipment, ShippedLine},
    time::Time,
};

/// The key of the meta data that holds ours, as a JSON text.
pub(super) const OURS: &str = "_click2sync_shipments";
/// That of the extension.
const EXTENSION: &str = "_wc_shipment_tracking_items";

/// A shipment as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    id: String,
    carrier: String,
    tracking_number: String,
    tracking_url: String,
    lines: Vec<(String, String)>,
    shipped_at: Option<Time>,
}

/// As the extension keeps one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tracked {
    tracking_provider: String,
    custom_tracking_provider: String,
    custom_tracking_link: String,
    tracking_number: String,
    date_shipped: Value,
    tracking_id: String,
}

pub(super) fn read(data: &[Meta]) -> Vec<Shipment> {
    let ours = kept(data).into_iter().map(Kept::shown);
    let list = data.iter().find(|meta| meta.key == EXTENSION);
    let theirs = list.and_then(|list| list.value.as_array()).into_iter().flatten();
    let theirs = theirs
        .filter_map(|item| Tracked::deserialize(item).ok())
        .map(Tracked::shown);
    ours.chain(theirs).collect()
}

/// What is to be kept after a patch, as the value of [`OURS`], and what is new in words; or what cannot be changed.
pub(super) fn changed(data: &[Meta], patch: &Patch) -> Result<Option<(String, Vec<String>)>, String> {
    let Patch {
        shipments,
        new_shipments,
        ..
    } = patch;
    if shipments.is_empty() && new_shipments.is_empty() {
        return Ok(None);
    }
    let mut all = kept(data);
    for shipment in shipments {
        let id = shipment.remote_id.as_ref().map_or("", |id| &id.0);
        match all.iter_mut().find(|kept| kept.id == id) {
            Some(kept) => *kept = Kept::of(shipment, id.to_owned()),
            None => {
                return Err(format!(
                    "its shipment {id} was not told from here, and is changed in the shop only"
                ));
            }
        }
    }
    let mut notes = Vec::new();
    for shipment in new_shipments {
        let names = (1..=u64::MAX).map(|n| format!("c2s-{n}"));
        let id = names.into_iter().find(|id| all.iter().all(|kept| kept.id != *id));
        let kept = Kept::of(shipment, id.expect("there is always a higher number"));
        notes.push(kept.note());
        all.push(kept);
    }
    let text = serde_json::to_string(&all).expect("texts and times are JSON");
    Ok(Some((text, notes)))
}

/// Those of an order that is created.
pub(super) fn created(shipments: &[Shipment]) -> Option<String> {
    // The lines have other names there.
    let named = shipments.iter().zip(1..).map(|(shipment, n)| Kept {
        lines: Vec::new(),
        ..Kept::of(shipment, format!("c2s-{n}"))
    });
    let all: Vec<Kept> = named.collect();
    (!all.is_empty()).then(|| serde_json::to_string(&all).expect("texts and times are JSON"))
}

fn kept(data: &[Meta]) -> Vec<Kept> {
    let text = meta(data, OURS).unwrap_or("[]");
    serde_json::from_str(text).unwrap_or_default()
}

impl Kept {
    fn of(shipment: &Shipment, id: String) -> Self {
        let Shipment {
            remote_id: _,
            carrier,
            tracking_number,
            tracking_url,
            lines,
            shipped_at,
        } = shipment;
        Self {
            id,
            carrier: carrier.clone(),
            tracking_number: tracking_number.clone(),
            tracking_url: tracking_url.clone(),
            lines: lines
                .iter()
                .map(|shipped| (shipped.line.0.to_string(), shipped.quantity.plain()))
                .collect(),
            shipped_at: *shipped_at,
        }
    }

    fn shown(self) -> Shipment {
        let line = |(line, quantity): (String, String)| {
            Some(ShippedLine {
                line: line.into(),
                quantity: quantity.parse().ok()?,
            })
        };
        Shipment {
            remote_id: (!self.id.is_empty()).then(|| RemoteId::from(self.id)),
            carrier: self.carrier,
            tracking_number: self.tracking_number,
            tracking_url: self.tracking_url,
            lines: self.lines.into_iter().filter_map(line).collect(),
            shipped_at: self.shipped_at,
        }
    }

    /// What people read beside the order.
    fn note(&self) -> String {
        let Self {
            carrier,
            tracking_number,
            tracking_url,
            ..
        } = self;
        let parts = [carrier, tracking_number, tracking_url];
        let parts: Vec<&str> = parts
            .into_iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        if parts.is_empty() {
            "Shipped.".to_owned()
        } else {
            format!("Shipped: {}", parts.join(", "))
        }
    }
}

impl Tracked {
    fn shown(self) -> Shipment {
        let carrier = [self.tracking_provider, self.custom_tracking_provider];
        let seconds = match &self.date_shipped {
            Value::String(text) => text.parse().ok(),
            other => other.as_i64(),
        };
        Shipment {
            remote_id: (!self.tracking_id.is_empty()).then(|| RemoteId::from(self.tracking_id)),
            carrier: carrier
                .into_iter()
                .find(|name| !name.is_empty())
                .unwrap_or_default(),
            tracking_number: self.tracking_number,
            tracking_url: self.custom_tracking_link,
            lines: Vec::new(),
            shipped_at: seconds.map(|seconds: i64| Time(seconds.saturating_mul(1000))),
        }
    }
}
