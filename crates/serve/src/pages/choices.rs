//! The names that forms offer: those of released cells, so that no list betrays a small unit.

use std::collections::BTreeSet;

use maud::{Markup, html};
use privacy::{Figures, ReleasedCell, ReleasedTable};

/// Names in released cells, ascending.
pub(super) struct Choices<'a> {
    pub(super) sources: BTreeSet<&'a str>,
    pub(super) units: BTreeSet<&'a str>,
    pub(super) topics: BTreeSet<&'a str>,
}

impl<'a> Choices<'a> {
    pub(super) fn of(table: &'a ReleasedTable) -> Self {
        // The cells of one key stand together, one a period: each key is looked at once.
        let periods_of_a_key = || table.cells.chunk_by(|a, b| a.key == b.key);
        let is_released =
            |cells: &[ReleasedCell]| cells.iter().any(|cell| cell.figures != Figures::Suppressed);
        let keys = || {
            periods_of_a_key()
                .filter(|cells| is_released(cells))
                .filter_map(|cells| cells.first())
                .map(|cell| &cell.key)
        };
        Self {
            sources: keys()
                .filter_map(|key| key.source.as_ref())
                .map(|name| name.as_str())
                .collect(),
            units: keys().filter_map(|key| key.unit.as_ref()).map(|name| name.as_str()).collect(),
            topics: keys().filter_map(|key| key.topic.as_ref()).map(|name| name.as_str()).collect(),
        }
    }
}

/// A labelled list of choices; a name that is asked for but not released stays selectable, so that the form shows what was asked.
pub(super) fn select(
    label: &str,
    name: &str,
    chosen: Option<&str>,
    choices: &BTreeSet<&str>,
) -> Markup {
    html! {
        label { span { (label) }
            select name=(name) {
                option value="" { "全部" }
                @if let Some(chosen) = chosen.filter(|chosen| !choices.contains(chosen)) { option value=(chosen) selected { (chosen) } }
                @for choice in choices { option value=(choice) selected[chosen == Some(*choice)] { (choice) } }
            }
        }
    }
}
