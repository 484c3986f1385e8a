use super::*;
use crate::{
    content::{Field, Part},
    ids::{ItemId, Key},
    time::Time,
};

#[test]
fn an_order_is_found_by_any_of_its_numbers_its_buyer_its_things_and_its_parcels() {
    let text_at = |path: Path, text: &str| (path, Value::Text(text.into()));
    let of = |part, detail| Path::of(part, Leaf::Detail(detail));
    let item = Item {
        id: ItemId(1),
        content: [
            text_at(Path::detail(Detail::Number), "A-17"),
            text_at(Path::detail(Detail::Name), "Ada L."),
            text_at(Path::detail(Detail::Email), "ada@example.com"),
            text_at(of(Part::Line(Key(1)), Detail::Sku), "TEE-1"),
            text_at(of(Part::Shipment(Key(2)), Detail::TrackingNumber), "T99"),
            text_at(Path::field(Field::Note), "Ring"),
        ]
        .into_iter()
        .collect(),
        next_key: Key(3),
        stamps: Vec::new(),
        created_at: Time(0),
        updated_at: Time(0),
    };
    let called = |number: &str| Equivalence {
        acknowledged: [text_at(Path::detail(Detail::Number), number)]
            .into_iter()
            .collect(),
        ..Equivalence::default()
    };
    assert_eq!(
        text(&item, &[called("A-17"), called("1005"), Equivalence::default()]),
        "a-17\nada l.\nada@example.com\ntee-1\nt99\n1005"
    );
}
