//! A row of a list.

use super::{
    ROW,
    list::{Face, ItemList, Row},
};
use crate::{
    format,
    state::console,
    view::{
        icon::{Icon, icon},
        mark::{glyph, no_glyph},
        monogram::monogram_of,
        thumbnail::thumbnail,
    },
    words,
};
use leptos::prelude::*;

/// The row at `index`, drawn as a shadow until it is there.
pub(super) fn row(list: ItemList, index: usize) -> AnyView {
    let row = Memo::new(move |_| list.row(index));
    #[expect(clippy::cast_precision_loss, reason = "no list comes near 2^53 rows")]
    let place = format!("translateY({}px)", index as f64 * ROW);
    view! {
        <div class="row" role="listitem" style:transform=place>
            {move || match row.get() {
                Some(row) => known(row),
                None => unknown(),
            }}
        </div>
    }
    .into_any()
}

fn known(row: Row) -> AnyView {
    let console = console();
    let Row {
        address,
        title,
        subtitle,
        about: [about, more],
        amount,
        face,
        marks,
        issues,
    } = row;
    let strip = move || {
        let connections = console.connections.read();
        connections
            .iter()
            .flatten()
            .map(
                |connection| match marks.iter().find(|(id, _)| *id == connection.id) {
                    Some((_, mark)) => glyph(*mark, &connection.name),
                    None => no_glyph(&connection.name),
                },
            )
            .collect_view()
    };
    let also = (!more.is_empty()).then(|| view! { <span class="also">{words::also(&about)}</span> });
    let (first, last) = match face {
        Face::Product { picture, stock } => {
            let out = stock.is_some_and(|stock| stock.is_zero() || stock.is_negative());
            let class = if out { "number last out" } else { "number last" };
            (
                thumbnail(picture.as_deref(), &title),
                view! { <span class=class>{stock.map(format::decimal)}</span> }.into_any(),
            )
        }
        Face::Order { origin, placed_at } => (
            view! { <span class="from">{move || origin.as_ref().map(|origin| monogram_of(console, origin))}</span> }
                .into_any(),
            view! {
                <span class="number last" title=placed_at.map(format::exact)>
                    {move || placed_at.map(|at| format::ago(at, console.now.get()))}
                </span>
            }
            .into_any(),
        ),
    };
    view! {
        <a class="line" href=address data-row>
            {first}
            <span class="name">
                <b>{title}</b>
                <small>{subtitle} {also}</small>
            </span>
            <span class="about">
                {about}
                {(!more.is_empty()).then(|| view! { <small>{more}</small> })}
            </span>
            <span class="number price">{amount}</span>
            {last}
            <span class="strip">{strip}</span>
            <span class="count">
                {(issues > 0)
                    .then(|| {
                        let name = words::open_issues(u64::try_from(issues).unwrap_or(u64::MAX));
                        view! {
                            <span class="issue-count" title=name.clone() role="img" aria-label=name>
                                {icon(Icon::Alert)}
                                {issues}
                            </span>
                        }
                    })}
            </span>
        </a>
    }
    .into_any()
}

fn unknown() -> AnyView {
    view! {
        <span class="line waiting" data-row tabindex="-1" aria-busy="true">
            <span class="picture"></span>
            <span class="name">
                <i></i>
                <i></i>
            </span>
        </span>
    }
    .into_any()
}
