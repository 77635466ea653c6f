//! Where each piece of the normalized text stands in the text that people see.
//!
//! Search and models work on the normalized text, readers see the display text, and redaction must cut the same thing out of both.
//! The map is a short list of edits; between two edits the texts run in step: character boundaries stand at the same distance.
//! (軟 and 软 have three bytes each, so a change of script needs no edit.) An unchanged text has no edit and costs nothing.

use std::ops::Range;

/// Byte ranges of the normalized text → byte ranges of the display text. Monotone; total on the normalized text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OffsetMap {
    edits: Vec<Edit>,
}

/// `display[display_start..display_end]` became `text[text_start..text_end]`. Edits are sorted and do not overlap on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edit {
    text_start: u32,
    text_end: u32,
    display_start: u32,
    display_end: u32,
}

/// Stored bytes that are no map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("offset map is damaged ({bytes} bytes)")]
pub struct MapDecodeError {
    bytes: usize,
}

impl OffsetMap {
    /// The map of a text that normalization left alone.
    pub fn identity() -> Self {
        Self::default()
    }

    /// Whether both texts run in step from end to end, as equal texts do.
    pub fn is_identity(&self) -> bool {
        self.edits.is_empty()
    }

    /// The display bytes that gave `text[range]`.
    ///
    /// Expands to cover: a range that starts or ends inside an edit takes the whole edit, and what was dropped at either end comes along,
    /// so that cutting the result out leaves nothing of the range behind (the `(zhāng)` behind a name, a zero-width space inside a number).
    pub fn to_display(&self, range: Range<usize>) -> Range<usize> {
        let start = self.display_start(range.start);
        start..self.display_end(range.end).max(start)
    }

    fn display_start(&self, at: usize) -> usize {
        let index = self.edits.partition_point(|edit| (edit.text_end as usize) < at);
        match self.edits.get(index) {
            Some(edit) if edit.text_end as usize == at && (edit.text_start as usize) < at => {
                edit.display_end as usize
            }
            Some(edit) if edit.text_start as usize <= at => edit.display_start as usize,
            _ => in_step(index.checked_sub(1).map(|before| &self.edits[before]), at),
        }
    }

    fn display_end(&self, at: usize) -> usize {
        let starts_before =
            |edit: &Edit| (edit.text_start as usize) < at || (edit.text_end as usize) == at;
        let index = self.edits.partition_point(starts_before);
        match index.checked_sub(1).map(|before| &self.edits[before]) {
            Some(edit) if edit.text_end as usize > at => edit.display_end as usize,
            before => in_step(before, at),
        }
    }

    /// Appends the compact form to `out`: three varints an edit, nothing for the identity.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut text_end = 0;
        for edit in &self.edits {
            push_varint(out, edit.text_start - text_end);
            push_varint(out, edit.text_end - edit.text_start);
            push_varint(out, edit.display_end - edit.display_start);
            text_end = edit.text_end;
        }
    }

    /// Reads the compact form.
    ///
    /// # Errors
    /// [`MapDecodeError`] when the bytes are no such form.
    pub fn decode(encoded: &[u8]) -> Result<Self, MapDecodeError> {
        let damaged = MapDecodeError { bytes: encoded.len() };
        let (mut rest, mut map) = (encoded, MapBuilder::default());
        while !rest.is_empty() {
            let mut next = || pop_varint(&mut rest).ok_or(damaged);
            let (same, text_bytes, display_bytes) = (next()?, next()?, next()?);
            let fits = |position: u32, more: u32| position.checked_add(same)?.checked_add(more);
            if fits(map.text_position, text_bytes).is_none()
                || fits(map.display_position, display_bytes).is_none()
            {
                return Err(damaged);
            }
            map.same(same as usize);
            map.edit(text_bytes as usize, display_bytes as usize);
        }
        Ok(map.finish())
    }

    /// The map over two steps: `self` leads from the middle text to the display text, `later` from the final text to the middle text.
    pub(crate) fn then(&self, later: &OffsetMap) -> OffsetMap {
        if self.is_identity() {
            return later.clone();
        }
        if later.is_identity() {
            return self.clone();
        }
        let touched = later.edits.iter().map(|edit| edit.display_start..edit.display_end);
        let (mut map, mut middle_position, mut next_later) = (MapBuilder::default(), 0, 0);
        for cluster in Clusters::new(&self.edits, touched) {
            let own = &later.edits[next_later..next_later + cluster.spans];
            next_later += cluster.spans;
            let shrunk: u32 = own.iter().map(|edit| edit.display_end - edit.display_start).sum();
            let grown: u32 = own.iter().map(|edit| edit.text_end - edit.text_start).sum();
            map.same((cluster.start - middle_position) as usize);
            map.edit(
                (cluster.end - cluster.start + grown - shrunk) as usize,
                cluster.display_bytes as usize,
            );
            middle_position = cluster.end;
        }
        map.finish()
    }

    /// Replaces spans of `text`, and what they stand for in `display`. Returns the new text, display and map.
    ///
    /// # Panics
    /// When `spans` are not sorted, overlap, or do not lie on character boundaries of `text`.
    #[expect(
        clippy::string_slice,
        reason = "edits lie on character boundaries by construction, spans by contract"
    )]
    pub(crate) fn replace(
        &self,
        text: &str,
        display: &str,
        spans: &[(Range<usize>, &str)],
    ) -> (String, String, OffsetMap) {
        let (mut new_text, mut new_display) =
            (String::with_capacity(text.len()), String::with_capacity(display.len()));
        let (mut map, mut rest) = (MapBuilder::default(), spans);
        let (mut text_at, mut display_at) = (0, 0);
        let ranges = spans.iter().map(|(range, _)| range.start as u32..range.end as u32);
        for cluster in Clusters::new(&self.edits, ranges) {
            let (start, end) = (cluster.start as usize, cluster.end as usize);
            let in_step = start - text_at;
            new_text.push_str(&text[text_at..start]);
            new_display.push_str(&display[display_at..display_at + in_step]);
            map.same(in_step);
            display_at += in_step;

            let display_piece = &display[display_at..display_at + cluster.display_bytes as usize];
            let (text_before, display_before) = (new_text.len(), new_display.len());
            let (own, later) = rest.split_at(cluster.spans);
            rest = later;
            let mut at = start;
            for (range, replacement) in own {
                new_text.push_str(&text[at..range.start]);
                new_text.push_str(replacement);
                new_display.push_str(replacement);
                at = range.end;
            }
            new_text.push_str(&text[at..end]);
            if own.is_empty() {
                new_display.push_str(display_piece);
            }
            if new_text[text_before..] == new_display[display_before..] {
                map.same(new_text.len() - text_before);
            } else {
                map.edit(new_text.len() - text_before, new_display.len() - display_before);
            }
            text_at = end;
            display_at += display_piece.len();
        }
        new_text.push_str(&text[text_at..]);
        new_display.push_str(&display[display_at..]);
        (new_text, new_display, map.finish())
    }
}

fn in_step(edit_before: Option<&Edit>, at: usize) -> usize {
    edit_before.map_or(at, |edit| edit.display_end as usize + (at - edit.text_end as usize))
}

/// Builds a map from left to right.
#[derive(Debug, Default)]
pub(crate) struct MapBuilder {
    edits: Vec<Edit>,
    text_position: u32,
    display_position: u32,
}

impl MapBuilder {
    /// The next characters have the same lengths in both.
    pub(crate) fn same(&mut self, bytes: usize) {
        self.text_position += bytes as u32;
        self.display_position += bytes as u32;
    }

    /// The next `display_bytes` gave `text_bytes`.
    pub(crate) fn edit(&mut self, text_bytes: usize, display_bytes: usize) {
        if text_bytes + display_bytes == 0 {
            return;
        }
        let (text_start, display_start) = (self.text_position, self.display_position);
        self.text_position += text_bytes as u32;
        self.display_position += display_bytes as u32;
        self.edits.push(Edit {
            text_start,
            text_end: self.text_position,
            display_start,
            display_end: self.display_position,
        });
    }

    /// One character became another: runs in step when both have the same length.
    pub(crate) fn character(&mut self, text_bytes: usize, display_bytes: usize) {
        if text_bytes == display_bytes {
            self.same(text_bytes)
        } else {
            self.edit(text_bytes, display_bytes)
        }
    }

    pub(crate) fn finish(self) -> OffsetMap {
        OffsetMap { edits: self.edits }
    }
}

/// Edits and spans of the same text that touch one another, taken as one: the smallest piece that can be rewritten alone.
struct Clusters<'a, Spans: Iterator<Item = Range<u32>>> {
    edits: std::iter::Peekable<std::slice::Iter<'a, Edit>>,
    spans: std::iter::Peekable<Spans>,
}

struct Cluster {
    start: u32,
    end: u32,
    /// How many of the spans lie in it.
    spans: usize,
    /// How many display bytes it stands for.
    display_bytes: u32,
}

impl<'a, Spans: Iterator<Item = Range<u32>>> Clusters<'a, Spans> {
    fn new(edits: &'a [Edit], spans: Spans) -> Self {
        Self { edits: edits.iter().peekable(), spans: spans.peekable() }
    }
}

impl<Spans: Iterator<Item = Range<u32>>> Iterator for Clusters<'_, Spans> {
    type Item = Cluster;

    fn next(&mut self) -> Option<Cluster> {
        let mut cluster: Option<Cluster> = None;
        loop {
            let edit = self.edits.peek().map(|edit| edit.text_start..edit.text_end);
            let span = self.spans.peek().cloned();
            let is_span = match (&edit, &span) {
                (None, None) => break,
                (Some(edit), Some(span)) => (span.start, span.end) < (edit.start, edit.end),
                (None, Some(_)) => true,
                (Some(_), None) => false,
            };
            let Some(piece) = (if is_span { span } else { edit }) else { break };
            let touches = cluster.as_ref().is_none_or(|open| {
                let adjoins_nothing =
                    piece.start == open.end && (piece.is_empty() || open.start == open.end);
                piece.start < open.end || adjoins_nothing
            });
            if !touches {
                break;
            }
            let open = cluster.get_or_insert(Cluster {
                start: piece.start,
                end: piece.start,
                spans: 0,
                display_bytes: 0,
            });
            // Between the pieces of one cluster both texts run in step.
            let grown = piece.end.max(open.end) - open.end;
            if is_span {
                self.spans.next();
                open.spans += 1;
                open.display_bytes += grown;
            } else if let Some(edit) = self.edits.next() {
                let covered = piece.end - piece.start - grown;
                open.display_bytes =
                    open.display_bytes + (edit.display_end - edit.display_start) - covered;
            }
            open.end = piece.end.max(open.end);
        }
        cluster
    }
}

fn push_varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn pop_varint(rest: &mut &[u8]) -> Option<u32> {
    let mut value = 0u64;
    for shift in (0..35).step_by(7) {
        let (&byte, tail) = rest.split_first()?;
        *rest = tail;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return u32::try_from(value).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Builds a map with its two texts from pieces: `(text, display)`, equal pieces run in step.
    fn built(pieces: &[(&str, &str)]) -> (String, String, OffsetMap) {
        let (mut text, mut display, mut map) =
            (String::new(), String::new(), MapBuilder::default());
        for (to, from) in pieces {
            text.push_str(to);
            display.push_str(from);
            if to == from { map.same(to.len()) } else { map.edit(to.len(), from.len()) }
        }
        (text, display, map.finish())
    }

    fn check(pieces: &[(&str, &str)], find: &str, shown: &str) {
        let (text, display, map) = built(pieces);
        let start = text.find(find).unwrap();
        assert_eq!(
            display.get(map.to_display(start..start + find.len())),
            Some(shown),
            "{find} in {text}"
        );
    }

    #[test]
    fn a_range_covers_all_that_gave_it() {
        check(&[("发展", "發展"), ("很快", "很快")], "很", "很");
        check(&[("A1", "Ａ１"), ("区", "区")], "1区", "Ａ１区");
        check(
            &[("电话138", "电话138"), ("", "\u{200b}"), ("0013", "0013")],
            "1380013",
            "138\u{200b}0013",
        );
        check(&[("找张", "找张"), ("", "(zhāng)"), ("三", "三")], "张", "张(zhāng)");
        check(&[("", "\u{feff}"), ("好", "好")], "好", "\u{feff}好");
        check(
            &[("见", "见"), ("http://t.cn", "http://t.cn/abc"), ("吧", "吧")],
            "t.cn",
            "http://t.cn/abc",
        );
    }

    #[test]
    fn a_replaced_span_goes_from_both_texts() {
        let (text, display, map) = built(&[
            ("打", "打"),
            ("138", "１３８"),
            ("", "\u{200b}"),
            ("001", "001"),
            ("找我", "找我"),
        ]);
        let start = text.find("138").unwrap();
        let (text, display, map) = map.replace(&text, &display, &[(start..start + 6, "[手机号]")]);
        assert_eq!(
            (text.as_str(), display.as_str(), map.is_identity()),
            ("打[手机号]找我", "打[手机号]找我", true)
        );
    }

    #[test]
    fn a_span_inside_an_edit_takes_the_whole_edit_from_the_display() {
        let (text, display, map) =
            built(&[("见", "见"), ("http://t.cn", "http://t.cn/张三"), ("吧", "吧")]);
        let start = text.find("t.cn").unwrap();
        let (text, display, map) = map.replace(&text, &display, &[(start..start + 4, "[网址]")]);
        assert_eq!((text.as_str(), display.as_str()), ("见http://[网址]吧", "见[网址]吧"));
        assert_eq!(map.to_display(text.len() - 3..text.len()), display.len() - 3..display.len());
    }

    #[test]
    fn a_damaged_map_is_refused() {
        assert!(OffsetMap::decode(&[0x80]).is_err());
        assert!(OffsetMap::decode(&[1, 2]).is_err());
        assert!(
            OffsetMap::decode(&[0xff, 0xff, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0xff, 0x0f, 1])
                .is_err()
        );
        assert!(OffsetMap::decode(&[]).unwrap().is_identity());
    }

    fn pieces() -> impl Strategy<Value = Vec<(String, String)>> {
        let piece = prop_oneof![
            "[中a１ ]{1,4}".prop_map(|same| (same.clone(), same)),
            ("[文b]{0,3}", "[字１ ]{1,3}").prop_map(|(to, from)| (to, from)),
        ];
        prop::collection::vec(piece, 0..8)
    }

    fn built_from(pieces: &[(String, String)]) -> (String, String, OffsetMap) {
        let pieces: Vec<_> = pieces.iter().map(|(to, from)| (to.as_str(), from.as_str())).collect();
        built(&pieces)
    }

    fn boundaries(text: &str) -> Vec<usize> {
        (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect()
    }

    proptest! {
        #[test]
        fn ranges_are_monotone_within_bounds_and_on_boundaries(pieces in pieces()) {
            let (text, display, map) = built_from(&pieces);
            let at = boundaries(&text);
            let mut last = 0..0;
            for pair in at.windows(2) {
                let shown = map.to_display(pair[0]..pair[1]);
                prop_assert!(display.get(shown.clone()).is_some());
                prop_assert!(last.start <= shown.start && last.end <= shown.end);
                last = shown;
            }
            if let Some(&end) = at.last().filter(|&&end| end > 0) {
                prop_assert_eq!(map.to_display(0..end), 0..display.len());
            }
        }

        #[test]
        fn the_compact_form_reads_back(pieces in pieces()) {
            let (_, _, map) = built_from(&pieces);
            let mut encoded = Vec::new();
            map.encode(&mut encoded);
            prop_assert_eq!(OffsetMap::decode(&encoded).unwrap(), map);
        }

        #[test]
        fn two_steps_make_one(pieces in pieces(), later in prop::collection::vec((0usize..30, 0usize..30, "[新x]{0,2}"), 0..4)) {
            let (middle, display, first) = built_from(&pieces);
            let at = boundaries(&middle);
            let (mut text, mut second, mut position) = (String::new(), MapBuilder::default(), 0);
            for (skip, take, new) in &later {
                let start = at[(at.partition_point(|&b| b < position) + skip % 5).min(at.len() - 1)];
                let end = at[(at.partition_point(|&b| b < start) + take % 4).min(at.len() - 1)];
                // No pass makes something out of nothing.
                let new = if start == end { "" } else { new };
                text.push_str(middle.get(position..start).unwrap());
                text.push_str(new);
                second.same(start - position);
                second.edit(new.len(), end - start);
                position = end;
            }
            text.push_str(middle.get(position..).unwrap());
            let second = second.finish();
            let both = first.then(&second);
            let at = boundaries(&text);
            for pair in at.windows(2) {
                let shown = both.to_display(pair[0]..pair[1]);
                let shown = display.get(shown).unwrap();
                let kept = text.get(pair[0]..pair[1]).unwrap();
                // These two never stand in an edit.
                if kept == "中" || kept == "a" {
                    prop_assert!(shown.contains(kept), "{} for {}", shown, kept);
                }
            }
        }

        #[test]
        fn replacing_keeps_all_else(pieces in pieces(), cuts in prop::collection::vec((0usize..30, 0usize..30), 0..4)) {
            let (text, display, map) = built_from(&pieces);
            let at = boundaries(&text);
            let (mut spans, mut position) = (Vec::new(), 0);
            for (skip, take) in cuts {
                let start = position + skip % 4;
                let end = start + 1 + take % 3;
                if end >= at.len() { break; }
                spans.push((at[start]..at[end], "[甲]"));
                position = end;
            }
            let (new_text, new_display, new_map) = map.replace(&text, &display, &spans);
            let kept: String = text.char_indices().filter(|(i, _)| !spans.iter().any(|(r, _)| r.contains(i))).map(|(_, c)| c).collect();
            prop_assert_eq!(new_text.replace("[甲]", ""), kept);
            prop_assert_eq!(new_text.matches("[甲]").count(), spans.len());
            prop_assert_eq!(new_display.matches("[甲]").count(), spans.len());
            for pair in boundaries(&new_text).windows(2) {
                prop_assert!(new_display.get(new_map.to_display(pair[0]..pair[1])).is_some());
            }
        }
    }
}
