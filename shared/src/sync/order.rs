//! The decisions about sales orders, shaped like those about products in the modules above.
//!
//! What was bought, at which price and when, only ever comes from the connection where an order was placed. How it goes
//! on (status, payment, fulfilment, shipments, buyer, addresses, note) flows both ways.

pub mod acknowledge;
pub mod book;
pub mod cloning;
pub mod matching;
pub mod merge;
pub mod pending;
pub mod read;
pub mod search;
pub mod terms;
pub mod view;
pub mod write;

use crate::{
    content::{Content, Detail, Leaf, Part, Path},
    ids::{ConnectionId, ItemId, Key, RemoteId},
    order::Line,
};

/// The variant of a product of the hub that a line of a record is of: by what the connection calls it, else by SKU.
pub type Resolve<'a> = dyn Fn(&Line) -> Option<(ItemId, Key)> + 'a;

/// What a connection calls a variant of a product of the hub. `None`: it does not have it.
pub type Counterparts<'a> = dyn Fn(ItemId, Key) -> Option<Counterpart> + 'a;

/// A variant as one connection has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterpart {
    pub product: RemoteId,
    /// As in [`crate::product::Variant::remote_id`].
    pub variant: Option<RemoteId>,
    pub sku: String,
}

/// Whether an order was placed at a connection.
pub fn is_origin(content: &Content, connection: &ConnectionId) -> bool {
    content.text(&Path::detail(Detail::Origin)) == connection.as_str()
}

/// What only the connection where an order was placed may say.
pub(in crate::sync) fn is_of_the_origin(path: &Path) -> bool {
    match (path.part, &path.leaf) {
        (Part::Line(_), _) => true,
        (Part::Whole, Leaf::Detail(detail)) => match detail {
            Detail::Number
            | Detail::Origin
            | Detail::PlacedAt
            | Detail::Currency
            | Detail::Items
            | Detail::Shipping
            | Detail::Discount
            | Detail::Tax
            | Detail::Total
            | Detail::UpdatedAt => true,
            Detail::Name
            | Detail::Email
            | Detail::Phone
            | Detail::ShippingAddress
            | Detail::BillingAddress
            | Detail::Product
            | Detail::Sku
            | Detail::Title
            | Detail::Quantity
            | Detail::UnitPrice
            | Detail::Carrier
            | Detail::TrackingNumber
            | Detail::TrackingUrl
            | Detail::Lines
            | Detail::ShippedAt
            | Detail::Method
            | Detail::Amount
            | Detail::Reference
            | Detail::PaidAt
            | Detail::Listing => false,
        },
        (Part::Whole | Part::Variant(_) | Part::Picture(_) | Part::Shipment(_) | Part::Payment(_), _) => {
            false
        }
    }
}

/// A value of a part.
fn at(part: Part, detail: Detail) -> Path {
    Path::of(part, Leaf::Detail(detail))
}

/// The keys of the lines, in order.
pub fn lines(content: &Content) -> impl Iterator<Item = Key> {
    content.parts().filter_map(|part| match part {
        Part::Line(key) => Some(key),
        _ => None,
    })
}
