//! 观点摘录: what people wrote, redacted, without anything that leads to them.

use corpus::Polarity;
use maud::{Markup, html};
use privacy::Quotation;

use super::parts::heading;
use crate::DigestInput;
use crate::figures::month;

/// Quotations on paper: two pages at most.
const QUOTATIONS_MAX: usize = 12;

pub(super) fn render(input: &DigestInput) -> Markup {
    let quotations = input.quotations.shown.get();
    let of_alarms = input.alarm_quotations.iter().any(|set| !set.quotations.shown.get().is_empty());
    html! {
        section aria-label="观点摘录" {
            (heading("八", "观点摘录"))
            @if of_alarms { p { "本期预警的摘录列在第七节各条预警之下。" } }
            @else if quotations.is_empty() { p { "本期没有可公布的摘录。" } }
            @for (position, quotation) in quotations.iter().take(QUOTATIONS_MAX).enumerate() {
                (blockquote(&format!("q{}", position + 1), quotation))
            }
            p.note { "原文照录，已去除身份信息，方括号是去除处；每条摘录所在的范围至少有 " (input.method.limits.k_verbatim) " 人。摘录不代表多数意见。" }
        }
    }
}

/// One text.
pub(super) fn blockquote(id: &str, quotation: &Quotation) -> Markup {
    html! {
        blockquote id=(id) data-cell=(id) {
            p { (quotation.text) }
            footer {
                "—— " (quotation.source)
                @if let Some(unit) = &quotation.unit { " · " (unit) }
                " · " (month(quotation.month)) " · " (polarity_name(quotation.polarity))
            }
        }
    }
}

fn polarity_name(polarity: Option<Polarity>) -> &'static str {
    match polarity {
        Some(Polarity::Negative) => "负面",
        Some(Polarity::Neutral) => "中性",
        Some(Polarity::Positive) => "正面",
        None => "倾向不定",
    }
}
