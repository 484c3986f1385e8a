use super::*;
use crate::{
    content::{Leaf, Part},
    ids::{ConnectionId, ItemId, Key},
};

const ANY: Ability = Ability {
    creates: true,
    books_stock: false,
    statuses: &[],
    payment_statuses: &[],
    fulfilment_statuses: &[],
};
const BEGAN: Time = Time(1_795_000_000_000);

fn days(days: i64) -> Time {
    Time(BEGAN.0 + days * 24 * 60 * 60 * 1000)
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn order(placed: Option<Time>, status: &str, fulfilment: &str) -> Item {
    let mut content = Content::new();
    content.put(Path::detail(Detail::Origin), Some(text("elsewhere")));
    content.put(Path::detail(Detail::Currency), Some(text("USD")));
    content.put(Path::detail(Detail::PlacedAt), placed.map(Value::Time));
    content.put(Path::field(Field::Status), Some(text(status)));
    content.put(Path::field(Field::Fulfilment), Some(text(fulfilment)));
    content.put(Path::of(Part::Line(Key(1)), Leaf::Exists), Some(Value::Present));
    Item {
        id: ItemId(1),
        content,
        next_key: Key(2),
        stamps: Vec::new(),
        created_at: days(-100),
        updated_at: days(-100),
    }
}

fn check(clone: CloneOrders, placed: Option<Time>, (status, fulfilment): (&str, &str), wanted: Cloning) {
    let mut policy = Policy::new(ConnectionId::parse("here").unwrap(), "demo");
    policy.orders.clone = clone;
    let found = cloning(&order(placed, status, fulfilment), &policy, &ANY);
    assert_eq!(found, wanted, "{clone:?}: {status} and {fulfilment}, {placed:?}");
}

const OPEN: (&str, &str) = ("processing", "partial");
const DONE: (&str, &str) = ("completed", "unfulfilled");

#[test]
fn switching_clone_on_creates_what_is_new_and_what_is_still_open_of_late_and_no_history() {
    use Before::{Finished, Long};
    use Cloning::{LeftOut, Yes};
    let new = CloneOrders::New { began: Some(BEGAN) };
    for (placed, standing, wanted) in [
        (days(0), OPEN, Yes),
        // A sale over the counter is finished at once.
        (days(0), DONE, Yes),
        (days(1), DONE, Yes),
        (Time(BEGAN.0 - 1), OPEN, Yes),
        (Time(BEGAN.0 - 1), DONE, LeftOut(Finished(BEGAN))),
        (days(-1), ("refunded", ""), LeftOut(Finished(BEGAN))),
        (days(-1), ("on-hold", "fulfilled"), LeftOut(Finished(BEGAN))),
        (days(-1), ("cancelled", ""), Cloning::No),
        (days(1), ("failed", ""), Cloning::No),
        (days(-30), OPEN, Yes),
        (Time(days(-30).0 - 1), OPEN, LeftOut(Long(BEGAN))),
        (days(-400), DONE, LeftOut(Long(BEGAN))),
    ] {
        check(new, Some(placed), standing, wanted);
    }
    // What does not say when it was placed is as old as our knowledge of it.
    check(new, None, OPEN, LeftOut(Long(BEGAN)));
}

#[test]
fn a_day_that_is_set_is_what_counts() {
    let since = CloneOrders::Since(days(-50));
    let before = Cloning::LeftOut(Before::Set(days(-50)));
    check(since, Some(days(-50)), DONE, Cloning::Yes);
    check(since, Some(days(-40)), OPEN, Cloning::Yes);
    check(since, Some(Time(days(-50).0 - 1)), OPEN, before);
    check(since, Some(days(3)), ("cancelled", ""), Cloning::No);
    let later = CloneOrders::Since(days(5));
    check(later, Some(days(3)), OPEN, Cloning::LeftOut(Before::Set(days(5))));
    check(CloneOrders::None, Some(days(3)), OPEN, Cloning::No);
    let unknown = CloneOrders::New { began: None };
    check(unknown, Some(days(-400)), DONE, Cloning::Yes);
}

#[test]
fn what_is_left_out_says_why_and_what_to_do() {
    let mut policy = Policy::new(ConnectionId::parse("here").unwrap(), "demo");
    policy.name = "Main shop".to_owned();
    for (before, words) in [
        (
            Before::Set(Time(0)),
            "orders.clone_since of Main shop (1970-01-01",
        ),
        (Before::Finished(BEGAN), "finished before"),
        (Before::Long(BEGAN), "more than 30 days before"),
    ] {
        let reason = reason(before, &policy);
        assert!(reason.contains(words), "{reason}");
        assert!(reason.contains("orders.clone_since"), "{reason}");
    }
}
