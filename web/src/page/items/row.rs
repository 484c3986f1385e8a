//! A row of the product list.

use super::{
    ROW,
    list::{ProductList, Row},
};
use crate::{
    format,
    state::console,
    view::{
        icon::{Icon, icon},
        mark::{glyph, no_glyph},
        thumbnail::thumbnail,
    },
    words,
};
use leptos::prelude::*;

/// The row at `index`, drawn as a shadow until it is there.
#[component]
pub(crate) fn RowView(index: usize) -> impl IntoView {
    let list = expect_context::<ProductList>();
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
}

fn known(row: Row) -> AnyView {
    let console = console();
    let Row {
        id,
        title,
        sku,
        variants,
        brand,
        prices,
        stock,
        picture,
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
    let out = stock.is_some_and(|stock| stock.is_zero() || stock.is_negative());
    view! {
        <a class="line" href=format!("/products/{id}") data-row data-product=id.to_string()>
            {thumbnail(picture.as_deref(), &title)}
            <span class="name">
                <b>{words::or_untitled(title)}</b>
                <small>{words::sku_line(&sku, variants)}</small>
            </span>
            <span class="brand-name">{brand}</span>
            <span class="number price">{prices.map(words::price_range)}</span>
            <span class=if out { "number stock out" } else { "number stock" }>{stock.map(format::decimal)}</span>
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
