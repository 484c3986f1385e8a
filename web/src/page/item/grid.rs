//! What is compared: rows are fields, the first column is the hub, then one column a connection.

use super::{
    head,
    line::{Cell, Column, Line, VariantLines, change_at, of_order, of_product, of_variants},
};
use crate::{
    order::Order,
    state::console,
    view::{
        icon::{Icon, icon},
        mark::{bare_glyph, class, glyph},
        thumbnail::thumbnail,
    },
    words,
};
use leptos::prelude::*;
use shared::{
    api::{Equivalence, Image, Product},
    ids::Kind,
    mark::Mark,
    money::Currency,
};

/// What is compared, and what stands above it.
pub(super) struct Grid {
    pub(super) kind: Kind,
    pub(super) columns: Vec<Column>,
    pub(super) pictures: Option<AnyView>,
    pub(super) lines: Vec<Line>,
    pub(super) variants: Vec<VariantLines>,
}

impl Grid {
    pub(super) fn of_product(product: &Product) -> Self {
        let columns = columns(&product.equivalences, None);
        Self {
            kind: Kind::Products,
            pictures: pictures(product, &columns),
            lines: of_product(product, &columns),
            variants: of_variants(product, &columns),
            columns,
        }
    }

    pub(super) fn of_order(order: &Order) -> Self {
        let columns = columns(&order.equivalences, order.currency());
        Self {
            kind: Kind::Orders,
            pictures: None,
            lines: of_order(order, &columns),
            variants: Vec::new(),
            columns,
        }
    }
}

/// In the order of the connections, as everywhere. Amounts are in `currency`, or else in each connection's own.
fn columns(equivalences: &[Equivalence], currency: Option<Currency>) -> Vec<Column> {
    let console = console();
    let connections = console.connections.read_untracked();
    let connections = connections.as_deref().unwrap_or_default();
    let at = |here: &Equivalence| {
        connections
            .iter()
            .position(|connection| connection.id == here.connection)
    };
    let mut columns: Vec<Column> = equivalences
        .iter()
        .map(|here| Column {
            here: here.clone(),
            name: untrack(|| console.name_of(&here.connection)),
            currency: currency.or_else(|| at(here).map(|at| connections[at].currency)),
        })
        .collect();
    columns.sort_by_key(|column| at(&column.here));
    columns
}

pub(super) fn grid(grid: Grid) -> AnyView {
    let Grid {
        kind,
        columns,
        pictures,
        lines,
        variants,
    } = grid;
    let span = columns.len() + 2;
    let count = variants.len();
    let (quiet, loud): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(Line::is_quiet);
    let (quiet_variants, loud_variants): (Vec<VariantLines>, Vec<VariantLines>) =
        variants.into_iter().partition(VariantLines::is_quiet);
    // Where nothing differs there is nothing to hide it behind.
    let open = loud.is_empty() && loud_variants.is_empty();
    let heads: Vec<_> = columns
        .iter()
        .map(|column| view! { <th scope="col">{head(column)}</th> })
        .collect();
    view! {
        <div class="grid-frame" tabindex="0" role="region" aria-label=words::of(kind).side_by_side>
            <table class="grid">
                <thead>
                    <tr>
                        <td></td>
                        <th scope="col">
                            <div class="column-head">
                                <span>
                                    <b>{words::HUB}</b>
                                    <small>{words::HUB_ABOUT}</small>
                                </span>
                            </div>
                        </th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{pictures} {loud.into_iter().map(|line| row(line, &columns)).collect_view()}</tbody>
                {fold(span, words::equal_fields(&names(&quiet)), open, quiet.into_iter().map(|line| row(line, &columns)).collect())}
                {(count > 1 || !loud_variants.is_empty())
                    .then(|| {
                        view! {
                            <tbody>
                                <tr class="part">
                                    <th colspan=span scope="rowgroup">
                                        {words::variants_of(count)}
                                    </th>
                                </tr>
                            </tbody>
                        }
                    })}
                {loud_variants.into_iter().map(|lines| variant(lines, &columns)).collect_view()}
                {fold(
                    span,
                    words::equal_variants(quiet_variants.len()),
                    open,
                    quiet_variants.into_iter().flat_map(|lines| variant_rows(lines, &columns)).collect(),
                )}
            </table>
        </div>
    }
    .into_any()
}

fn names(lines: &[Line]) -> Vec<String> {
    lines.iter().map(|line| words::path(&line.path)).collect()
}

/// What is equal everywhere, in one quiet line that opens.
fn fold(columns: usize, sentence: String, open: bool, rows: Vec<AnyView>) -> Option<AnyView> {
    if rows.is_empty() {
        return None;
    }
    let open = RwSignal::new(open);
    Some(
        view! {
            <tbody class=move || if open.get() { "fold open" } else { "fold" }>
                <tr class="hinge">
                    <th colspan=columns scope="rowgroup">
                        <button
                            class="quiet"
                            aria-expanded=move || open.get().to_string()
                            on:click=move |_| open.update(|open| *open = !*open)
                        >
                            {icon(Icon::Chevron)}
                            {sentence}
                        </button>
                    </th>
                </tr>
                {rows}
            </tbody>
        }
        .into_any(),
    )
}

fn row(line: Line, columns: &[Column]) -> AnyView {
    let Line { path, hub, cells } = line;
    let same = hub.clone();
    view! {
        <tr>
            <th scope="row">{words::path(&path)}</th>
            <td class="hub" data-place=words::HUB>{text(hub)}</td>
            {cells
                .into_iter()
                .zip(columns)
                .map(|(cell, column)| one(cell, same.as_deref(), column.name.clone()))
                .collect_view()}
        </tr>
    }
    .into_any()
}

/// A cell; a phone, which has no room for columns, shows `place` in it.
fn one(cell: Cell, hub: Option<&str>, place: String) -> AnyView {
    match cell {
        Cell::Nothing => view! { <td class="nothing"><span class="unseen">{words::NOTHING_HERE}</span></td> }.into_any(),
        Cell::Same => view! { <td class="same">{text(hub.map(str::to_owned))}</td> }.into_any(),
        Cell::Shown(value) => view! { <td data-place=place>{text(Some(value))}</td> }.into_any(),
        Cell::Change { mark, old, new, why } => view! {
            <td class=format!("change {}", class(mark)) data-place=place>
                <span class="values">
                    {glyph(mark, "")}
                    <span>
                        {old.map(|old| match mark {
                            Mark::Held => text(Some(old)),
                            _ => view! { <del>{text(Some(old))}</del> }.into_any(),
                        })}
                        {match mark {
                            Mark::Held => None,
                            _ => new.map(|new| view! { <ins>{text(Some(new))}</ins> }),
                        }}
                    </span>
                </span>
                {(mark != Mark::Create && !why.is_empty()).then(|| view! { <small class="why">{why}</small> })}
            </td>
        }
        .into_any(),
    }
}

/// A value of any length, at most a few lines high.
fn text(value: Option<String>) -> AnyView {
    value
        .map(|value| {
            let plain = words::without_tags(&value);
            view! { <span class="value" title=value>{plain}</span> }
        })
        .into_any()
}

fn variant(lines: VariantLines, columns: &[Column]) -> AnyView {
    let rows: Vec<AnyView> = variant_rows(lines, columns).collect();
    view! { <tbody class="variant">{rows}</tbody> }.into_any()
}

fn variant_rows(lines: VariantLines, columns: &[Column]) -> impl Iterator<Item = AnyView> {
    let VariantLines {
        name,
        facts,
        places,
        lines,
        ..
    } = lines;
    let places = places
        .into_iter()
        .zip(columns.iter().map(|column| column.name.clone()))
        .map(|(place, column)| match place {
            // A live variant is told by its figures; what is about to change is told in words.
            Some((mark, figures)) => {
                let said = if mark == Mark::Live && !figures.is_empty() {
                    figures
                } else {
                    words::mark(mark).to_owned()
                };
                view! { <td class="variant-mark" data-place=column>{glyph(mark, "")} {said}</td> }.into_any()
            }
            None => view! { <td class="variant-mark nothing">{words::VARIANT_NOT_THERE}</td> }.into_any(),
        })
        .collect_view();
    let head = view! {
        <tr class="variant-head">
            <th scope="rowgroup">{name}</th>
            <td class="hub" data-place=words::HUB>{facts}</td>
            {places}
        </tr>
    }
    .into_any();
    std::iter::once(head).chain(
        lines
            .into_iter()
            .map(|line| row(line, columns))
            .collect::<Vec<_>>(),
    )
}

/// The pictures as a strip a column, each with its mark where it is about to change.
fn pictures(product: &Product, columns: &[Column]) -> Option<AnyView> {
    let anything = !product.images.is_empty()
        || product.equivalences.iter().any(|equivalence| {
            equivalence
                .changes
                .iter()
                .any(|change| change.path.starts_with("images/"))
        });
    if !anything {
        return None;
    }
    let hub: Vec<_> = product
        .images
        .iter()
        .map(|image| thumbnail(image.hash.as_deref(), &image.alt))
        .collect();
    let columns: Vec<_> = columns
        .iter()
        .map(|column| {
            let strip = strip(&product.images, &column.here);
            view! { <td data-place=column.name.clone()><span class="pictures">{strip}</span></td> }
        })
        .collect();
    Some(
        view! {
            <tr class="picture-row">
                <th scope="row">{words::PICTURES}</th>
                <td class="hub" data-place=words::HUB>
                    <span class="pictures">{hub}</span>
                </td>
                {columns}
            </tr>
        }
        .into_any(),
    )
}

fn strip(images: &[Image], equivalence: &Equivalence) -> Vec<AnyView> {
    let framed = |mark: Mark, picture: AnyView| {
        view! { <span class=format!("framed {}", class(mark)) title=words::mark(mark)>{picture} {bare_glyph(mark)}</span> }.into_any()
    };
    let own = images.iter().filter_map(|image| {
        let path = format!("images/{}", image.id);
        let picture = || thumbnail(image.hash.as_deref(), &image.alt);
        match change_at(equivalence, &path) {
            Some(change) => Some(framed(change.mark, picture())),
            None => equivalence.shown.contains_key(&path).then(picture),
        }
    });
    let going = equivalence.changes.iter().filter(|change| {
        change
            .path
            .strip_prefix("images/")
            .is_some_and(|id| !id.contains('/') && images.iter().all(|image| image.id != id))
    });
    let going = going.map(|change| {
        framed(
            change.mark,
            thumbnail(change.old.as_str().filter(|old| is_hash(old)), ""),
        )
    });
    own.chain(going).collect()
}

/// Pictures whose bytes were seen are named by their hash, others by their address.
fn is_hash(text: &str) -> bool {
    text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
