use super::*;
use crate::{
    content::{Detail, Leaf, Part},
    ids::{ConnectionId, Key},
    policy::Mutability,
};

fn check(mutability: Mutability, words: &'static [&'static str], shown: &[&str], unknown: &[&str]) {
    let text = |text: &str| Value::Text(text.into());
    let item: Content = [
        (Path::detail(Detail::Number), text("1")),
        (Path::detail(Detail::Currency), text("MXN")),
        (Path::field(Field::Status), text("completed")),
        (Path::field(Field::Fulfilment), text("completed")),
        (Path::detail(Detail::Email), text("a@b.c")),
        (Path::of(Part::Line(Key(1)), Leaf::Exists), Value::Present),
        (Path::of(Part::Shipment(Key(2)), Leaf::Exists), Value::Present),
    ]
    .into_iter()
    .collect();
    let mut policy = Policy::new(ConnectionId::parse("shop").unwrap(), "demo");
    policy.orders.fields.by_field.insert(Field::Status, mutability);
    let ability = Ability {
        creates: true,
        books_stock: false,
        statuses: words,
        payment_statuses: &[],
        fulfilment_statuses: &[],
    };
    let view = view(&item, &policy, &ability);
    let paths: Vec<String> = view.content.iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!(paths, shown, "{mutability:?}, {words:?}");
    let left: Vec<String> = view.unknown.iter().map(Path::to_string).collect();
    assert_eq!(left, unknown, "{mutability:?}, {words:?}");
}

#[test]
fn a_view_holds_what_is_written_in_words_that_are_known_and_nothing_of_what_was_bought() {
    let all = ["status", "fulfilment", "email", "shipments/2"];
    let some = ["fulfilment", "email", "shipments/2"];
    check(Mutability::Sync, &[], &all, &[]);
    check(Mutability::WriteOnly, &["completed"], &all, &[]);
    check(Mutability::Sync, &["done"], &some, &["status"]);
    check(Mutability::ReadOnly, &["done"], &some, &[]);
    check(Mutability::Ignore, &[], &some, &[]);
}
